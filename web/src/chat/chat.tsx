import { channelName, type ChannelState, type MessageRow } from '@fonechat/client'
import { useClient, useDeliveries } from '@fonechat/client/react'
import { lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { counted, formatNames } from '../lib/format.ts'
import { useAnnounce } from '../ui/announcer.tsx'
import { Composer } from './composer/composer.tsx'
import { MessageActions } from './list/actions.tsx'
import { MessageList } from './list/list.tsx'
import { shownMessages } from './live/messages.ts'
import { personIn } from './live/names.ts'
import { notesOf } from './live/notes.ts'
import type { WhoIsThere } from './live/use-presence.ts'
import type { Person, ShownMessage } from './model.ts'
import './chat.css'

const Confirm = lazy(() => import('../ui/confirm.tsx'))

export interface ChatProps {
  readonly known: ChannelState
  readonly self: Person
  readonly isLive: boolean
  /** Whether it can be seen: another pane may be in front of it. */
  readonly isShown: boolean
  /** Who is waited for, where a message has not arrived. */
  readonly isAway: WhoIsThere['isAway']
  /** Whether the device keeps what waits. */
  readonly isKept: boolean
  /** Index of a message to jump to. */
  readonly target: number | null
  /** The address of a message of this channel. */
  readonly linkOf: (index: number) => string
  readonly draft: string
  readonly onDraft: (text: string) => void
  readonly onSend?: (() => void) | undefined
}

/** The messages of a channel, and where one writes. */
export function Chat({
  known,
  self,
  isLive,
  isShown,
  isAway,
  isKept,
  target,
  linkOf,
  draft,
  onDraft,
  onSend,
}: ChatProps) {
  const client = useClient()
  const { id } = known.channel
  const handle = client.channel(id)
  const [list] = useState(() => handle.messageList())
  const { rows, hasOlder, hasNewer, isLoaded } = useSyncExternalStore(list.subscribe, list.getSnapshot)
  const [firstUnread] = useState(() => unreadFrom(known))
  const [editing, setEditing] = useState<MessageRow | null>(null)
  const [deleting, setDeleting] = useState<ShownMessage | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const announce = useAnnounce()

  // What could not be read is read again when the connection is back.
  useEffect(() => {
    const read = target === null ? list.loadNewest() : list.jumpTo(target)
    read.catch(() => {})
  }, [list, target, isLive])

  const name = channelName(known)
  const messages = shownMessages(rows, known, self)
  const deliveries = useDeliveries(id, isAway)
  const notes = notesOf(rows, {
    deliveries,
    nameOf: (identity) => personIn(known, identity).name,
    isConnected: isLive,
    onRetry: (item) => void client.retry(item).catch(() => {}),
    onDiscard: (item) => void client.discard(item).catch(() => {}),
  })

  const newest = messages.at(-1)
  const announced = useRef<string | null>(null)
  useEffect(() => {
    if (!newest || newest.key === announced.current) return
    if (announced.current !== null && !newest.isMine) announce(`${newest.author.name}: ${newest.body}`)
    announced.current = newest.key
  }, [newest, announce])

  const attempt = (work: Promise<unknown>): void => {
    work.then(
      () => setProblem(null),
      (error: unknown) => setProblem(error instanceof Error ? error.message : 'It did not work.'),
    )
  }

  const onTyping = (): void => {
    if (isLive) handle.typing().catch(() => {})
  }

  const onRead = useCallback(
    (index: number) => {
      const { membership } = client.getSnapshot().channels.get(id) ?? {}
      if (membership && index > (membership.lastReadIndex ?? -1))
        client
          .channel(id)
          .advanceLastReadIndex(index)
          .catch(() => {})
    },
    [client, id],
  )

  const edit = (key: string): void => setEditing(rows.find((row) => row.key === key && row.message !== null) ?? null)
  const typists = known.typing
    .filter(({ identity }) => identity !== self.identity)
    .map(({ identity }) => personIn(known, identity).name)
  const kept = known.pending.filter(({ status }) => status !== 'failed').length
  const label = known.channel.isDirect ? `Message ${name}` : `Message # ${name}`

  return (
    <>
      <MessageList
        label={`Messages in ${name}`}
        messages={messages}
        hasOlder={hasOlder}
        hasNewer={hasNewer}
        onOlder={() => void list.loadOlder().catch(() => {})}
        onNewer={() => void list.loadNewer().catch(() => {})}
        onNewest={() => void list.loadNewest().catch(() => {})}
        firstUnread={firstUnread}
        target={target}
        notes={notes}
        editing={editing?.key ?? null}
        onRead={isLive && isShown ? onRead : null}
        actionsOf={(message) =>
          message.id !== null && message.index !== null ? (
            <MessageActions
              isMine={message.isMine}
              onEdit={() => edit(message.key)}
              onDelete={() => setDeleting(message)}
              onCopyLink={() => void copy(linkOf(message.index ?? 0)).then(announce)}
            />
          ) : null
        }
        empty={isLoaded && <NoMessage name={name} isDirect={known.channel.isDirect} />}
      />
      <p className="chat-typing" aria-hidden={typists.length === 0}>
        {typists.length > 0 && `${formatNames(typists)} ${typists.length === 1 ? 'is' : 'are'} typing`}
      </p>
      {problem !== null && (
        <div className="chat-kept" role="alert">
          <span>{problem}</span>
          <button type="button" onClick={() => setProblem(null)}>
            Close
          </button>
        </div>
      )}
      {!isLive && kept > 0 && (
        <p className="chat-kept">{`${counted(kept, 'message')} kept${isKept ? '' : ' in memory only'}, sent once you are back`}</p>
      )}
      <Composer
        label={label}
        draft={draft}
        onDraft={onDraft}
        onTyping={onTyping}
        onSend={(text) => {
          onSend?.()
          list.loadNewest().catch(() => {})
          // A refusal stands at the message itself.
          handle.sendMessage(text).catch(() => {})
        }}
        editing={editing?.body ?? null}
        onEdit={(text) => editing?.message && attempt(handle.updateMessage(editing.message.id, text))}
        onEditEnd={() => setEditing(null)}
        onEditLast={() => setEditing(rows.findLast(({ isMine, message }) => isMine && message !== null) ?? null)}
        refusal={known.channel.isFrozen ? 'This channel is frozen' : undefined}
      />
      {deleting !== null && (
        <Suspense fallback={null}>
          <Confirm
            title="Delete this message?"
            says="It is gone for everyone, and cannot be brought back."
            action="Delete"
            onConfirm={() => deleting.id !== null && attempt(handle.deleteMessage(deleting.id))}
            onClose={() => setDeleting(null)}
          />
        </Suspense>
      )}
    </>
  )
}

function NoMessage({ name, isDirect }: { readonly name: string; readonly isDirect: boolean }) {
  return (
    <div className="pane-empty">
      <b>{isDirect ? `You and ${name}` : `# ${name}`}</b>
      <p>Nobody wrote here yet.</p>
    </div>
  )
}

/** The index of the first unread message, or null where all is read. */
function unreadFrom({ membership, unreadCount }: ChannelState): number | null {
  return membership !== null && (unreadCount ?? 0) > 0 ? (membership.lastReadIndex ?? -1) + 1 : null
}

/** Copies an address of this page. Resolves with what happened, in words. */
async function copy(href: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(new URL(href, location.href).href)
    return 'Link copied'
  } catch {
    return 'The browser does not let this page copy'
  }
}
