// A script of a page that stands on the headless parts.
import { StrictMode, useState, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { ChatError, createClient, type Client, type MessageRow } from '../../src/index.ts'
import { people } from '../../src/modules/people.ts'
import { ChatProvider } from '../../src/react/index.ts'
import { ChannelList, Composer, MessageList, People } from '../../src/react/parts/index.ts'
import { MessageList as VirtualList } from '../../src/react/parts/virtual.ts'

const root = createRoot(document.querySelector('#root')!)
document.head.insertAdjacentHTML('beforeend', '<style>article, [role=article] { min-height: 30px }</style>')

/** A row that can be unfolded. */
function Line({ row, keepPlace }: MessageList.RowState & { readonly row: MessageRow }) {
  const [isOpen, setOpen] = useState(false)
  const toggle = (): void => {
    keepPlace()
    setOpen(!isOpen)
  }
  return (
    <div style={{ minHeight: isOpen ? 400 : 30 + ((row.index ?? 0) % 7) * 10 }}>
      {row.body} <button onClick={toggle}>{isOpen ? 'less' : 'more'}</button>
    </div>
  )
}
const line = (row: MessageRow, state: MessageList.RowState): ReactNode => <Line row={row} {...state} />

const page = {
  open: (identity: string, token: string): Client =>
    createClient({ identity, token: () => token, modules: [people()] }),
  /** From now on channels take nothing more that is sent. */
  fillOutbox(client: Client): void {
    const channel = client.channel
    const sendMessage = () => Promise.reject(new ChatError('OUTBOX_FULL', 'the outbox is full'))
    Object.assign(client, { channel: (id: string) => Object.assign(channel(id), { sendMessage }) })
  },
  /** The composer of a thread alone. */
  reply(client: Client, channelId: string, parentId: string): void {
    root.render(
      <ChatProvider client={client}>
        <Composer.Root id="composer" channelId={channelId} parentId={parentId} />
      </ChatProvider>,
    )
  },
  show(client: Client, channelId: string, at?: number, isVirtual = false): void {
    root.render(
      <StrictMode>
        <ChatProvider client={client}>
          <main>
            <h1>Chat</h1>
            <ChannelList.Root activeId={channelId} onChoose={(id) => page.show(client, id)} />
            <MessageList.Root channelId={channelId} at={at}>
              {isVirtual ? (
                <VirtualList.Scroller id="list" style={{ height: 300 }} paddingStart={20}>
                  {line}
                </VirtualList.Scroller>
              ) : (
                <MessageList.Scroller id="list" style={{ height: 300 }} />
              )}
              <MessageList.Jump render={<button id="jump" />} />
              <MessageList.Announcer id="said" />
            </MessageList.Root>
            <Composer.Root id="composer" channelId={channelId} />
            <People.Root channelId={channelId} />
          </main>
        </ChatProvider>
      </StrictMode>,
    )
  },
}

export type PartsPage = typeof page
Object.assign(globalThis, { page })
