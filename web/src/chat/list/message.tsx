import type { MessageRow } from '@fonechat/client'
import type { MessageList } from '@fonechat/client/react/parts/virtual'
import { memo, type ReactNode } from 'react'
import { formatDay } from '../../lib/format.ts'
import { pieces } from '../../lib/links.ts'
import { isUnbroken } from '../../lib/unbroken.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Time } from '../../ui/time.tsx'
import type { Note, Person } from '../model.ts'
import { Fold, mayFold } from './fold.tsx'
import { groupOf, useLook } from './look.ts'
import { Reactions, type ReactionsProps } from './reactions.tsx'
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
  const { authorOf, notes, editing, actionsOf, active, unfolded, onReact, namesOf } = useLook()
  const { identity, name } = authorOf(row)
  return (
    <View
      row={row}
      identity={identity}
      name={name}
      {...groupOf(row, previous, isFirstUnread)}
      isFirstUnread={isFirstUnread}
      isLit={isHighlighted}
      isEditing={editing === row.key}
      note={notes.get(row.key)}
      actions={active === row.key ? actionsOf(row) : null}
      unfolded={unfolded}
      onReact={onReact}
      namesOf={namesOf}
      keepPlace={keepPlace}
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
  readonly actions: ReactNode
  readonly unfolded: Set<string>
  readonly keepPlace: () => void
}

/** A message with what stands above it (day, line of the unread) and below it (its state in words). */
const View = memo(function View(props: ViewProps) {
  const { row, name, startsDay, startsGroup, note, isEditing, actions, unfolded, keepPlace } = props
  const { key, body, wasEdited, status } = row
  const at = new Date(row.createdAt).toISOString()
  const text = (
    <p className="message-text" dir="auto" data-unbroken={isUnbroken(body) || undefined}>
      {pieces(body).map((piece, place) =>
        piece.href === undefined ? (
          piece.text
        ) : (
          <a key={place} href={piece.href} target="_blank" rel="noreferrer noopener">
            {piece.text}
          </a>
        ),
      )}
      {wasEdited && <span className="message-edited"> (edited)</span>}
    </p>
  )
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
        data-pending={status !== 'sent' || undefined}
        data-lit={props.isLit || undefined}
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
          {mayFold(body) ? (
            <Fold startsOpen={unfolded.has(key)} onToggle={onToggle}>
              {text}
            </Fold>
          ) : (
            text
          )}
          <Reactions row={row} onReact={props.onReact} namesOf={props.namesOf} />
          {note && <MessageNote note={note} />}
        </div>
        {actions}
      </div>
    </>
  )
}, isSame)

/** Notes are made anew at times: what they say decides. What can be done with a message is made each time. */
function isSame(before: ViewProps, after: ViewProps): boolean {
  const { note, actions, ...rest } = before
  return (
    note?.text === after.note?.text &&
    actions === null &&
    after.actions === null &&
    Object.entries(rest).every(([name, value]) => after[name as keyof typeof rest] === value)
  )
}

function MessageNote({ note }: { readonly note: Note }) {
  return (
    <p className="message-note" data-tone={note.tone}>
      {note.text}
      {note.onRetry && (
        <>
          {' · '}
          <Button className="message-note-action" onClick={note.onRetry}>
            try again
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
