// A script of a page whose views stand on the hooks, and count how often they are rendered.
import { memo, StrictMode, useLayoutEffect, useRef, type ReactNode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { createClient, type Client, type ChannelRow, type MessageRow } from '../../src/index.ts'
import { people } from '../../src/modules/people.ts'
import {
  ChatProvider,
  useChannel,
  useChannelList,
  useConnection,
  useMessages,
  useNotifications,
  usePresence,
  useRead,
  useSelection,
  useTyping,
  useUnread,
} from '../../src/react/index.ts'

const counts: Record<string, number> = {}
const count = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1)

const Row = memo(function Row({ row }: { readonly row: MessageRow }) {
  count(`row ${row.body}`)
  return <li>{row.body}</li>
})

function Messages({ id }: { readonly id: string }) {
  count(`list ${id}`)
  const { rows, hasNewer } = useMessages(id)
  const list = useRef<HTMLUListElement>(null)
  useRead(id, list, hasNewer ? null : (rows.at(-1)?.index ?? null))
  return (
    <ul ref={list} data-channel={id}>
      {rows.map((row) => (
        <Row key={row.key} row={row} />
      ))}
    </ul>
  )
}

function Head({ id }: { readonly id: string }) {
  count(`head ${id}`)
  const typists = useTyping(id)
  return (
    <h2>
      {useChannel(id)?.channel.uniqueName} {typists.length > 0 && 'typing'}
    </h2>
  )
}

const Channel = memo(function Channel({ row }: { readonly row: ChannelRow }) {
  count(`channel ${row.id}`)
  return <li data-unread={row.unreadCount}>{row.name}</li>
})

function Channels() {
  const { rows } = useChannelList()
  return (
    <ul>
      {rows.map((row) => (
        <Channel key={row.id} row={row} />
      ))}
    </ul>
  )
}

function Status() {
  count('status')
  const connection = useConnection()
  const unread = useUnread()
  return (
    <p id="status">
      {connection.status} {unread.messages} unread
    </p>
  )
}

function Ids() {
  count('ids')
  // A new list each time.
  return <p id="ids">{useSelection(({ channels }) => [...channels.keys()]).length} channels</p>
}

function Presence({ identity }: { readonly identity: string }) {
  const presence = usePresence(identity)
  return <p id="presence">{presence === undefined ? 'unknown' : presence.isOnline ? 'online' : 'away'}</p>
}

const notified: string[] = []
function Notifications() {
  useNotifications(({ body }) => notified.push(body))
  return null
}

/** Changes what the views beside it show, after they were rendered and before they listen. */
function Meddler({ work }: { readonly work: () => void }) {
  useLayoutEffect(work, [work])
  return null
}

function View({ shown, other }: { readonly shown: readonly string[]; readonly other: string }) {
  return (
    <>
      <Status />
      <Ids />
      <Channels />
      <Notifications />
      <Presence identity={other} />
      {shown.map((id) => (
        <section key={id}>
          <Head id={id} />
          <Messages id={id} />
        </section>
      ))}
    </>
  )
}

const root = document.querySelector('#root')!

function open(identity: string, token: string): Client {
  return createClient({ identity, token: () => token, modules: [people()] })
}

const page = {
  counts,
  notified,
  open,
  show(client: Client, view: { readonly shown: readonly string[]; readonly other: string }, isStrict: boolean): void {
    const tree: ReactNode = (
      <ChatProvider client={client}>
        <View {...view} />
      </ChatProvider>
    )
    createRoot(root).render(isStrict ? <StrictMode>{tree}</StrictMode> : tree)
  },
  showMeddled(client: Client): void {
    createRoot(root).render(
      <ChatProvider client={client}>
        <Meddler work={() => client.disconnect()} />
        <Status />
      </ChatProvider>,
    )
  },
  /** Answers what a server would have rendered, and the complaints of the page that takes over. */
  hydrate(client: Client, view: { readonly shown: readonly string[]; readonly other: string }) {
    const complaints: string[] = []
    const tree = (of: Client | null): ReactNode => (
      <StrictMode>
        <ChatProvider client={of}>
          <View {...view} />
        </ChatProvider>
      </StrictMode>
    )
    const html = renderToString(tree(null))
    root.innerHTML = html
    hydrateRoot(root, tree(client), { onRecoverableError: (error) => complaints.push(String(error)) })
    return { html, complaints }
  },
}

export type HooksPage = typeof page
Object.assign(globalThis, { page })
