import type { MessageRow } from '@fonechat/client'
import type { MessageList } from '@fonechat/client/react/parts/virtual'
import { Bookmark, Pin } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { counted, formatDay } from '../../lib/format.ts'
import { pieces } from '../../lib/links.ts'
import { namedPieces, type Name } from '../../lib/mentions.ts'
import { isUnbroken } from '../../lib/unbroken.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Time } from '../../ui/time.tsx'
import type { Note, Person } from '../model.ts'
import { Fold, mayFold } from './fold.tsx'
import { groupOf, hasQuote, isDeleted, isWritten as isRowWritten, useLook, type ThreadLook } from './look.ts'
import { namedOf, namesSelf, toNames } from './mentions.ts'
import { Quote } from './quote.tsx'
import { Reactions, type ReactionsProps } from './reactions.tsx'
import { InThread, ThreadLine } from './thread-line.tsx'
import { useGrowing } from './use-growing.ts'
import './message.css'

/** What the list shows in a row. */
export const Message = (row: MessageRow, state: MessageList.RowState): ReactNode => <Row row={row} {...state} />

function Row({
  row,
  previous,
  isFirstUnread,
  isHighlighted,
  keepPlace,
}: MessageList.RowState & { readonly row: MessageRow }) {
  const look = useLook()
  const { authorOf, notes, editing, actionsOf, pinnedByOf, savedAs } = look
  const { onHistoryOf, active, unfolded, onReact, namesOf } = look
  const { identity, name } = authorOf(row)
  const { threads } = look
  const isThread = threads?.onOpen === null
  return (
    <View
      row={row}
      identity={identity}
      name={name}
      {...groupOf(row, previous, isFirstUnread || (isThread && previous?.message?.parentIndex === null))}
      isFirstUnread={isFirstUnread}
      isLit={isHighlighted}
      isEditing={editing === row.key}
      note={notes.get(row.key)}
      pinnedBy={pinnedByOf(row)}
      savedAs={savedAs(row)}
      onHistory={row.wasEdited ? onHistoryOf(row) : null}
      actions={active === row.key ? actionsOf(row) : null}
      unfolded={unfolded}
      onReact={onReact}
      namesOf={namesOf}
      keepPlace={keepPlace}
      named={namedOf(row, look)}
      self={look.self}
      threads={threads}
      unreadReplies={row.message?.replyCount ? (threads?.unreadOf(row.message.index) ?? 0) : 0}
    />
  )
}

interface ViewProps extends Person, ReactionsProps {
  readonly startsDay: boolean
  readonly startsGroup: boolean
  readonly isFirstUnread: boolean
  readonly isLit: boolean
  readonly isEditing: boolean
  readonly note: Note | undefined
  readonly pinnedBy: string | null
  readonly savedAs: string | null
  readonly onHistory: (() => void) | null
  readonly actions: ReactNode
  readonly unfolded: Set<string>
  readonly keepPlace: () => void
  /** Whom it names, as `namedOf` says. */
  readonly named: string
  /** Identity of the user. */
  readonly self: string
  readonly threads: ThreadLook | undefined
  /** What its thread line says: it is rendered again for it. */
  readonly unreadReplies: number
}

/** A message with what stands above it (day, line of the unread) and below it (its state in words). */
const View = memo(function View(props: ViewProps) {
  const { row, name, startsDay, startsGroup, note, pinnedBy, savedAs, isEditing, actions, unfolded, keepPlace } = props
  const { key, wasEdited, status, message } = row
  const { threads } = props
  const isTombstone = isDeleted(message)
  const state = isTombstone ? null : (message?.streamState ?? null)
  const isWritten = isRowWritten(row)
  const body = useGrowing(row.body, isWritten)
  const names = toNames(props.named)
  const at = new Date(row.createdAt).toISOString()
  // What a failed edit was for is there.
  const isPending = status !== 'sent' && (status !== 'failed' || row.index === null)
  const text = isTombstone ? (
    <p className="message-text message-deleted">This message was deleted.</p>
  ) : (
    <p className="message-text" dir="auto" data-unbroken={isUnbroken(body) || undefined}>
      {pieces(body).map((piece, place) =>
        piece.href === undefined ? (
          <Named key={place} text={piece.text} names={names} self={props.self} />
        ) : (
          <a key={place} href={piece.href} target="_blank" rel="noreferrer noopener">
            {piece.text}
          </a>
        ),
      )}
      {isWritten && <Caret />}
      {(state === 'INTERRUPTED' || state === 'CANCELLED') && <Ended state={state} />}
      {wasEdited && <Edited at={row.message?.editedAt ?? null} onHistory={props.onHistory} />}
    </p>
  )
  // What grows under the reader’s eyes is not folded, then and afterwards.
  if (isWritten) unfolded.add(key)
  const onToggle = (isOpen: boolean): void => {
    keepPlace()
    if (isOpen) unfolded.add(key)
    else unfolded.delete(key)
  }
  return (
    <>
      {startsDay && <p className="day">{formatDay(new Date(row.createdAt), new Date())}</p>}
      {props.isFirstUnread && (
        <p className="first-unread">
          <span>new</span>
        </p>
      )}
      <div
        className="message"
        data-first={startsGroup || undefined}
        data-pending={isPending || undefined}
        data-lit={props.isLit || undefined}
        data-named={namesSelf(row, props.self) || undefined}
        data-active={actions !== null || isEditing || undefined}
      >
        {startsGroup ? (
          <Avatar identity={props.identity} name={name} />
        ) : (
          <span className="message-gutter" aria-hidden="true">
            <Time at={at} />
          </span>
        )}
        <div className="message-main">
          {pinnedBy !== null && (
            <p className="message-pinned">
              <Pin size={12} aria-hidden="true" /> {pinnedBy === '' ? 'Pinned' : `Pinned by ${pinnedBy}`}
            </p>
          )}
          {savedAs !== null && (
            <p className="message-pinned">
              <Bookmark size={12} aria-hidden="true" /> {savedAs}
            </p>
          )}
          {startsGroup ? (
            <h3 className="message-head">
              <span className="message-author cut" dir="auto">
                {name}
              </span>
              <Time at={at} />
            </h3>
          ) : (
            <span className="unseen">{name}</span>
          )}
          {threads && !isTombstone && <InThread row={row} threads={threads} />}
          {threads && hasQuote(row) && <Quote row={row} threads={threads} />}
          {!isWritten && mayFold(body) ? (
            <Fold startsOpen={unfolded.has(key)} onToggle={onToggle}>
              {text}
            </Fold>
          ) : (
            text
          )}
          <Reactions row={row} onReact={props.onReact} namesOf={props.namesOf} />
          {threads && message && <ThreadLine message={message} threads={threads} />}
          {note && <MessageNote note={note} />}
        </div>
        {actions}
      </div>
      {threads?.onOpen === null && message?.parentIndex === null && message.replyCount > 0 && (
        <p className="thread-rule">{counted(message.replyCount, 'reply', 'replies')}</p>
      )}
    </>
  )
}, isSame)

/** A text with those whom it names marked, the user itself above all. */
function Named({
  text,
  names,
  self,
}: {
  readonly text: string
  readonly names: readonly Name[]
  readonly self: string
}) {
  if (names.length === 0) return text
  return namedPieces(text, names).map((piece, place) =>
    piece.key === undefined ? (
      piece.text
    ) : (
      <span key={place} className="mention" data-own={piece.key === self || undefined}>
        {piece.text}
      </span>
    ),
  )
}

/** Notes are made anew at times: what they say decides. What can be done with a message is made each time. */
function isSame(before: ViewProps, after: ViewProps): boolean {
  const { note, actions, onHistory, ...rest } = before
  return (
    note?.text === after.note?.text &&
    note?.quote === after.note?.quote &&
    (onHistory === null) === (after.onHistory === null) &&
    actions === null &&
    after.actions === null &&
    Object.entries(rest).every(([name, value]) => after[name as keyof typeof rest] === value)
  )
}

/** Where a text goes on. What it says is read aloud when it has ended. */
function Caret() {
  return (
    <span className="message-caret">
      <span className="unseen">is being written</span>
    </span>
  )
}

/** That a text has ended before it was complete. */
function Ended({ state }: { readonly state: 'INTERRUPTED' | 'CANCELLED' }) {
  return (
    <>
      {' '}
      <span className="message-ended" data-tone={state === 'INTERRUPTED' ? 'warn' : undefined}>
        {state === 'INTERRUPTED' ? 'Interrupted' : 'Stopped'}
      </span>
    </>
  )
}

/** That a message was edited, and when; a way to what it was where the user may see that. An edit that is on its way has no time yet. */
function Edited({ at, onHistory }: { readonly at: string | null; readonly onHistory: (() => void) | null }) {
  const says = (
    <>
      edited
      {at !== null && (
        <>
          {' '}
          <Time at={at} short />
        </>
      )}
    </>
  )
  return (
    <>
      {' '}
      {onHistory && at !== null ? (
        <button type="button" className="message-edited" aria-haspopup="dialog" onClick={onHistory}>
          {says}
        </button>
      ) : (
        <span className="message-edited">{says}</span>
      )}
    </>
  )
}

function MessageNote({ note }: { readonly note: Note }) {
  return (
    <p className="message-note" data-tone={note.tone}>
      {note.text}
      {note.quote !== undefined && (
        <q className="message-quote" dir="auto">
          {note.quote}
        </q>
      )}
      {note.onRetry && (
        <>
          {note.quote === undefined && ' · '}
          <Button className="message-note-action" onClick={note.onRetry}>
            {note.retryLabel ?? 'try again'}
          </Button>
        </>
      )}
      {note.onDiscard && (
        <>
          {' · '}
          <Button className="message-note-action" onClick={note.onDiscard}>
            discard
          </Button>
        </>
      )}
    </p>
  )
}
