// A script of a page that stands on the headless parts.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient, type Client } from '../../src/index.ts'
import { people } from '../../src/modules/people.ts'
import { ChatProvider } from '../../src/react/index.ts'
import { ChannelList, Composer, MessageList, People } from '../../src/react/parts/index.ts'

const root = createRoot(document.querySelector('#root')!)
document.head.insertAdjacentHTML('beforeend', '<style>article, [role=article] { min-height: 30px }</style>')

const page = {
  open: (identity: string, token: string): Client =>
    createClient({ identity, token: () => token, modules: [people()] }),
  show(client: Client, channelId: string, at?: number): void {
    root.render(
      <StrictMode>
        <ChatProvider client={client}>
          <main>
            <h1>Chat</h1>
            <ChannelList.Root activeId={channelId} onChoose={(id) => page.show(client, id)} />
            <MessageList.Root channelId={channelId} at={at}>
              <MessageList.Scroller id="list" style={{ height: 300 }} />
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
