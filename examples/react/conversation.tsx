import { createClient, type MessageRow } from '@fonechat/client'
import { later } from '@fonechat/client/later'
import { ChatProvider, useChannelHandle, useThread } from '@fonechat/client/react'
import { Composer, MessageList } from '@fonechat/client/react/parts'
import { threads } from '@fonechat/client/threads'
import { useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'

const identity = 'alice'
const token = () => fetch('/token').then((answer) => answer.text())
const client = createClient({ identity, token, modules: [threads(), later()] })
const { id } = await client.getChannel('general')

function Row({ row, onThread }: { readonly row: MessageRow; readonly onThread?: (index: number) => void }) {
  const { message, reactions } = row
  const channel = useChannelHandle(id)
  const quoted = useSyncExternalStore(client.threads.subscribe, () => client.threads.quoted(row, id))
  if (message?.deletedAt) return <i>deleted</i> // it has replies
  const react = (reaction: string, isOwn = false): void => {
    if (!message) return
    const done = isOwn ? channel.removeReaction(message.id, reaction) : channel.addReaction(message.id, reaction)
    done.catch(console.error)
  }
  return (
    <>
      {quoted && <blockquote>{quoted.body}</blockquote>}
      <b>{row.authorIdentity}</b> {row.body} {message?.streamState === 'STREAMING' && '…'}
      {row.mentions.identities?.includes(identity) && <mark>names you</mark>}
      {reactions.map(({ reaction, count, viewerHasReacted }) => (
        <button key={reaction} aria-pressed={viewerHasReacted} onClick={() => react(reaction, viewerHasReacted)}>
          {reaction} {count}
        </button>
      ))}
      <button onClick={() => react('👍')}>👍</button>
      {message && onThread && <button onClick={() => onThread(message.index)}>{message.replyCount} replies</button>}
    </>
  )
}

const reply = (row: MessageRow) => <Row row={row} />

function Thread({ index }: { readonly index: number }) {
  const { parent, replies, following, thread } = useThread({ channelId: id, index })
  if (!parent?.message) return null
  const { id: parentId } = parent.message
  const markRead = (through: number) => void thread.markRead(through).catch(console.error)
  return (
    <section aria-label="Thread">
      {parent.body}
      <MessageList.Root channelId={parentId} messages={replies} readIndex={following?.lastReadIndex} onRead={markRead}>
        <MessageList.Scroller style={{ height: 300 }}>{reply}</MessageList.Scroller>
      </MessageList.Root>
      <Composer.Root channelId={id} parentId={parentId} drafts={client.later.drafts} />
    </section>
  )
}

function Window() {
  const [open, setOpen] = useState<number | null>(null)
  const [row] = useState(() => (shown: MessageRow) => <Row row={shown} onThread={setOpen} />)
  return (
    <>
      <MessageList.Root channelId={id}>
        <MessageList.Scroller style={{ height: 400 }}>{row}</MessageList.Scroller>
      </MessageList.Root>
      <Composer.Root channelId={id} drafts={client.later.drafts} />
      {open !== null && <Thread key={open} index={open} />}
    </>
  )
}

createRoot(document.querySelector('#root')!).render(
  <ChatProvider client={client}>
    <Window />
  </ChatProvider>,
)
