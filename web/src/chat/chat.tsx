import { channelName, ChatError, type ChannelState, type MessageRow } from '@fonechat/client'
import { useClient, useConnection, useDeliveries, useMessages } from '@fonechat/client/react'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { counted, formatNames } from '../lib/format.ts'
import { useAnnounce } from '../ui/announcer.tsx'
import { Composer } from './composer/composer.tsx'
import { MessageActions } from './list/actions.tsx'
import { MessageList } from './list/list.tsx'
import { personIn, personOf } from './live/names.ts'
import { notesOf } from './live/notes.ts'
import type { WhoIsThere } from './live/use-presence.ts'
import type { Person } from './model.ts'
import { useReacting } from './use-reacting.tsx'
import './chat.css'

const Confirm = lazy(() => import('../ui/confirm.tsx'))

export interface ChatProps {
  readonly known: ChannelState
  readonly self: Person
  readonly isLive: boolean
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
export function Chat({ known, self, isLive, isAway, isKept, target, linkOf, draft, onDraft, onSend }: ChatProps) {
  const client = useClient()
  const isClosed = useConnection().status === 'closed'
  const { id } = known.channel
  const handle = client.channel(id)
  const messages = useMessages(id)
  const { rows, list } = messages
  const [editing, setEditing] = useState<MessageRow | null>(null)
  const [deleting, setDeleting] = useState<MessageRow | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const announce = useAnnounce()

  const name = channelName(known)
  const deliveries = useDeliveries(id, isAway)
  const notes = useMemo(
    () =>
      notesOf(rows, {
        deliveries,
        nameOf: (identity) => personIn(known, identity).name,
        isConnected: isLive,
        onRetry: (item) => void client.retry(item).catch(() => {}),
        onDiscard: (item) => void client.discard(item).catch(() => {}),
      }),
    [client, rows, deliveries, known, isLive],
  )

  const attempt = (work: Promise<unknown>): void => {
    work.then(
      () => setProblem(null),
      (error: unknown) => setProblem(error instanceof Error ? error.message : 'It did not work.'),
    )
  }

  const onTyping = (): void => {
    if (isLive) handle.typing().catch(() => {})
  }

  const { onReact, namesOf, onPicking, picker } = useReacting(handle, known, attempt)
  const link = useRef(linkOf)
  link.current = linkOf
  const actionsOf = useCallback(
    (row: MessageRow) =>
      row.message && (
        <MessageActions
          isMine={row.isMine}
          onEdit={() => setEditing(row)}
          onDelete={() => setDeleting(row)}
          onCopyLink={() => void copy(link.current(row.index ?? 0)).then(announce)}
          onReact={(reaction) => onReact(row, reaction)}
          onPicking={(anchor) => onPicking(row, anchor)}
        />
      ),
    [announce, onReact, onPicking],
  )
  const authorOf = useCallback(
    ({ isMine, message, authorIdentity }: MessageRow) =>
      isMine ? self : message?.author ? personOf(message.author) : personIn(known, authorIdentity),
    [known, self],
  )
  const editingKey = editing?.key ?? null
  const look = useMemo(
    () => ({ authorOf, notes, editing: editingKey, actionsOf, onReact, namesOf }),
    [authorOf, notes, editingKey, actionsOf, onReact, namesOf],
  )
  const typists = known.typing.map(({ identity }) => personIn(known, identity).name)
  const kept = known.pending.filter(({ status, action }) => status !== 'failed' && action.kind !== 'react').length
  const label = known.channel.isDirect ? `Message ${name}` : `Message # ${name}`

  return (
    <>
      <MessageList
        channelId={id}
        label={`Messages in ${name}`}
        messages={messages}
        target={target}
        look={look}
        empty={<NoMessage name={name} isDirect={known.channel.isDirect} />}
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
          handle.sendMessage(text).catch((error: unknown) => {
            // Any other refusal stands at the message itself.
            if (!(error instanceof ChatError) || error.code !== 'OUTBOX_FULL') return
            setProblem('Too much waits already: this was not taken.')
            onDraft(text)
          })
        }}
        editing={editing?.body ?? null}
        onEdit={(text) => editing?.message && attempt(handle.updateMessage(editing.message.id, text))}
        onEditEnd={() => setEditing(null)}
        onEditLast={() => setEditing(rows.findLast(({ isMine, message }) => isMine && message !== null) ?? null)}
        refusal={isClosed ? 'Closed in another tab' : known.channel.isFrozen ? 'This channel is frozen' : undefined}
      />
      {picker}
      {deleting !== null && (
        <Suspense fallback={null}>
          <Confirm
            title="Delete this message?"
            says="It is gone for everyone, and cannot be brought back."
            action="Delete"
            onConfirm={() => deleting.message && attempt(handle.deleteMessage(deleting.message.id))}
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

/** Copies an address of this page. Resolves with what happened, in words. */
async function copy(href: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(new URL(href, location.href).href)
    return 'Link copied'
  } catch {
    return 'The browser does not let this page copy'
  }
}
