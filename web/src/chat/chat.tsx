import {
  channelName,
  ChatError,
  type ChannelState,
  type Message,
  type MessageHandle,
  type MessageRow,
} from '@fonechat/client'
import {
  useConnection,
  useDeliveries,
  useMessages,
  useTyping,
  type Messages,
  type ShownThread,
} from '@fonechat/client/react'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { counted, formatAhead, formatNames } from '../lib/format.ts'
import { useAttempt } from '../lib/use-attempt.ts'
import type { Place } from '../routes.ts'
import { useAnnounce } from '../ui/announcer.tsx'
import { Composer } from './composer/composer.tsx'
import { QuoteBar } from './composer/quote-bar.tsx'
import { messageProblemOf, saveMine, versionSeen } from './editing.ts'
import { SendLater } from './later/send-later.tsx'
import { Theirs } from './later/theirs.tsx'
import { useSaving } from './later/use-saving.tsx'
import { MessageList } from './list/list.tsx'
import { isDeleted, isWritten } from './list/look.ts'
import { personIn, personOf } from './live/names.ts'
import { mayHaveNote, notesOf } from './live/notes.ts'
import { usePageClient } from './live/page-client.ts'
import { useDraft } from './live/use-draft.ts'
import { useLater } from './live/use-later.ts'
import { useMentioning } from './live/use-mentioning.ts'
import type { WhoIsThere } from './live/use-presence.ts'
import { useQuoted } from './live/use-quoted.ts'
import { useSame } from './live/use-same.ts'
import type { Person } from './model.ts'
import { useActions } from './use-actions.tsx'
import { useReacting } from './use-reacting.tsx'
import { useThreadLook } from './use-thread-look.ts'
import './chat.css'

const History = lazy(() => import('./edits/history.tsx'))
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
  readonly onSend?: (() => void) | undefined
  /** Shows what is scheduled. */
  readonly onScheduled: () => void
  /** Goes to a message of the channel, or to a thread in it. */
  readonly onGo: (place: Omit<Place, 'channel'>) => void
}

/** The messages of a channel, and where one writes. */
export function Chat(props: ChatProps) {
  return <Conversation {...props} messages={useMessages(props.known.channel.id)} />
}

export interface ConversationProps extends ChatProps {
  readonly messages: Messages
  /** The thread whose replies these are. */
  readonly thread?: ShownThread | undefined
}

/** Messages of a channel, or of a thread in it, and where one writes. */
export function Conversation(props: ConversationProps) {
  const { known, self, isLive, isAway, isKept, target, linkOf, onSend, onScheduled, messages, thread } = props
  const client = usePageClient()
  const isClosed = useConnection().status === 'closed'
  const { id } = known.channel
  const parentId = thread?.parent?.message?.id
  const handle = client.channel(id)
  const { rows, list } = messages
  const here = { channelId: id, ...(parentId !== undefined && { parentId }) }
  const [editing, setEditing] = useState<MessageRow | null>(null)
  const [deleting, setDeleting] = useState<MessageRow | null>(null)
  const [shownHistory, setShownHistory] = useState<Message | null>(null)
  const draft = useDraft(here)
  const { write } = draft
  const quoted = useQuoted(id, draft.quotedMessageId, rows)
  const [focusAt, setFocusAt] = useState(thread && !isTouched() ? 1 : 0)
  const { problem, setProblem, attempt } = useAttempt(messageProblemOf)
  const announce = useAnnounce()
  const mentioning = useMentioning(known, self, draft.mentions)

  const name = channelName(known)
  const deliveries = useDeliveries(id, isAway)
  // A text that is being written changes the channel many times a second: what other rows show is made of what stays the same.
  const now = useRef(known)
  now.current = known
  const { members } = known
  const nameOf = useCallback((identity: string) => personIn({ ...now.current, members }, identity).name, [members])
  const noted = useSame(rows.filter(mayHaveNote))
  const notes = useMemo(
    () =>
      notesOf(noted, {
        deliveries,
        nameOf,
        isConnected: isLive,
        onRetry: (item) => void client.retry(item).catch(() => {}),
        onDiscard: (item) => void client.discard(item).catch(() => {}),
        onSaveMine: (row) => attempt(saveMine(client.channel(id), row, (item) => client.discard(item))),
      }),
    [client, id, noted, deliveries, nameOf, isLive, attempt],
  )

  /** Who was named and is no member is told nothing. */
  const saysDropped = ({ droppedMentions }: MessageHandle): void => {
    if (droppedMentions.length === 0) return
    const names = formatNames(droppedMentions.map(mentioning.nameOf))
    setProblem(`${names} ${droppedMentions.length === 1 ? 'is' : 'are'} not in this channel, and will not be notified.`)
  }
  /** What of the draft is sent beside its text. */
  const contentNow = (text: string) => ({
    mentions: mentioning.namedByDraft(draft.body, draft.mentions, text),
    quotedMessageId: quoted === null ? null : draft.quotedMessageId,
    showInChannel: draft.showInChannel,
  })
  const onTyping = (): void => {
    if (isLive) handle.typing(parentId === undefined ? {} : { parentId }).catch(() => {})
  }

  const isThread = thread !== undefined
  const reacting = useReacting(handle, known, attempt)
  const { onReact, namesOf, picker, pickerOf } = reacting
  const saving = useSaving(attempt)
  const { savedAs, popover } = saving
  const { scheduled } = useLater()
  const waiting = scheduled.filter((one) => one.channelId === id && one.parentId === (parentId ?? null))
  const sendLater = (at: Date): void => {
    const body = draft.body.trim()
    const scheduling = client.later.schedule(here, { ...contentNow(body), body }, at)
    attempt(scheduling)
    void scheduling.then(
      () => announce(`Scheduled for ${formatAhead(at, new Date())}`),
      () => {},
    )
  }
  const { permissions } = known.membership.role
  const { actionsOf, menu, menuOf } = useActions(
    {
      linkOf,
      onThread: (index) => props.onGo({ thread: index }),
      onQuote: (row) => {
        if (row.message) write({ quotedMessageId: row.message.id })
        setFocusAt((times) => times + 1)
      },
      onEdit: setEditing,
      onDelete: setDeleting,
    },
    { permissions, isThread, attempt, reacting, saving },
  )
  const threads = useThreadLook(known, props.onGo, isThread)
  const pinnedByOf = useCallback(
    ({ isPinned, message }: MessageRow) => {
      if (!isPinned) return null
      const by = message?.pinnedBy ?? self.identity
      return by === 'system' ? '' : nameOf(by)
    },
    [nameOf, self],
  )
  const onHistoryOf = useCallback(
    ({ isMine, message }: MessageRow) =>
      message && (isMine || permissions.includes('editAnyMessage')) ? () => setShownHistory(message) : null,
    [permissions],
  )
  const authorOf = useCallback(
    ({ isMine, message, authorIdentity }: MessageRow) =>
      isMine
        ? self
        : message?.author
          ? personOf(message.author)
          : { identity: authorIdentity, name: nameOf(authorIdentity) },
    [nameOf, self],
  )
  const editingKey = editing?.key ?? null
  const held = pickerOf ?? menuOf
  const look = useMemo(
    () => ({
      authorOf,
      notes,
      editing: editingKey,
      held,
      actionsOf,
      pinnedByOf,
      savedAs,
      onHistoryOf,
      onReact,
      namesOf,
      threads,
      self: self.identity,
      nameOf,
    }),
    [
      authorOf,
      notes,
      editingKey,
      held,
      actionsOf,
      pinnedByOf,
      savedAs,
      onHistoryOf,
      onReact,
      namesOf,
      threads,
      self,
      nameOf,
    ],
  )
  const typists = useTyping(id, parentId).map(({ identity }) => personIn(known, identity).name)
  const kept = known.pending.filter(({ status, action }) => status !== 'failed' && action.kind !== 'react').length
  const place = known.channel.isDirect ? name : `# ${name}`
  const label = thread ? 'Reply' : `Message ${place}`

  return (
    <>
      <MessageList
        channelId={thread ? `${id} ${thread.thread.parentIndex}` : id}
        label={thread ? 'Replies' : `Messages in ${name}`}
        messages={messages}
        target={target}
        look={look}
        {...readingOf(thread)}
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
      {waiting.length > 0 && (
        <p className="chat-scheduled">
          {`${counted(waiting.length, 'message')} scheduled here`}
          <button type="button" onClick={onScheduled}>
            Show
          </button>
        </p>
      )}
      {draft.theirs !== null && <Theirs text={draft.theirs} onTake={draft.takeTheirs} onKeep={draft.keepMine} />}
      <Composer
        label={label}
        draft={draft.body}
        onDraft={(body) => write({ body, mentions: mentioning.namedByDraft(draft.body, draft.mentions, body) })}
        onTyping={onTyping}
        mentioning={mentioning}
        onSend={(text) => {
          onSend?.()
          list.loadNewest().catch(() => {})
          const content = contentNow(text)
          write(content)
          const options = draft.take()
          const sending = thread ? thread.thread.sendMessage(text, options) : handle.sendMessage(text, options)
          sending.then(saysDropped, (error: unknown) => {
            // Any other refusal stands at the message itself.
            if (!(error instanceof ChatError) || error.code !== 'OUTBOX_FULL') return
            setProblem('Too much waits already: this was not taken.')
            write({ ...content, body: text })
          })
        }}
        editing={editing?.body ?? null}
        onEdit={(text) => {
          if (!editing?.message) return
          const expectedVersion = versionSeen(editing, rows)
          const mentions = mentioning.namedByEdit(editing.body, editing.mentions, text)
          const editsIt = handle.updateMessage(editing.message.id, { body: text, mentions }, { expectedVersion })
          attempt(editsIt)
          editsIt.then(saysDropped, () => {})
        }}
        onEditEnd={() => setEditing(null)}
        onEditLast={() =>
          setEditing(
            rows.findLast((row) => row.isMine && row.message !== null && !isDeleted(row.message) && !isWritten(row)) ??
              null,
          )
        }
        above={
          draft.quotedMessageId !== null && (
            <QuoteBar
              quoted={quoted}
              author={quoted ? (quoted.author ? personOf(quoted.author).name : nameOf(quoted.authorIdentity)) : ''}
              onClose={() => write({ quotedMessageId: null })}
            />
          )
        }
        below={
          thread && (
            <label className="composer-also">
              <input
                type="checkbox"
                checked={draft.showInChannel}
                onChange={({ target: { checked } }) => write({ showInChannel: checked })}
              />
              <span className="cut">
                Also show in <bdi>{place}</bdi>
              </span>
            </label>
          )
        }
        onEscape={() => {
          write({ quotedMessageId: null })
          return draft.quotedMessageId !== null
        }}
        focusAt={focusAt}
        beside={<SendLater isEmpty={draft.body.trim() === ''} onChoose={sendLater} />}
        refusal={isClosed ? 'Closed in another tab' : known.channel.isFrozen ? 'This channel is frozen' : undefined}
      />
      {picker}
      {menu}
      {popover}
      {shownHistory !== null && (
        <Suspense fallback={null}>
          <History
            message={rows.find(({ message }) => message?.id === shownHistory.id)?.message ?? shownHistory}
            personOf={(identity) => personIn(known, identity)}
            onClose={() => setShownHistory(null)}
          />
        </Suspense>
      )}
      {deleting !== null && (
        <Suspense fallback={null}>
          <Confirm
            title="Delete this message?"
            says={
              isWritten(rows.find(({ key }) => key === deleting.key) ?? deleting)
                ? 'It is still being written: that ends, and what there is of it is gone for everyone.'
                : 'It is gone for everyone, and cannot be brought back.'
            }
            action="Delete"
            onConfirm={() => deleting.message && attempt(handle.deleteMessage(deleting.message.id))}
            onClose={() => setDeleting(null)}
          />
        </Suspense>
      )}
    </>
  )
}

/** A field with the focus opens the keyboard of a touched screen over what one wants to read. */
const isTouched = (): boolean => matchMedia('(pointer: coarse)').matches

/** What is read, and by what: in a thread not the channel. */
function readingOf(shown: ShownThread | undefined) {
  if (!shown) return {}
  const { thread, following } = shown
  return {
    // Before it is known nothing is taken for unread.
    readIndex: following && (following.unreadCount ? (following.lastReadIndex ?? -1) : null),
    onRead: (index: number) => void thread.markRead(index).catch(() => {}),
  }
}

function NoMessage({ name, isDirect }: { readonly name: string; readonly isDirect: boolean }) {
  return (
    <div className="pane-empty">
      <b>{isDirect ? `You and ${name}` : `# ${name}`}</b>
      <p>Nobody wrote here yet.</p>
    </div>
  )
}
