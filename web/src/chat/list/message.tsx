import { memo, type ReactNode } from 'react'
import { formatDay } from '../../lib/format.ts'
import { pieces } from '../../lib/links.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Time } from '../../ui/time.tsx'
import type { Note } from '../model.ts'
import type { Row } from './rows.ts'
import './message.css'

interface MessageProps {
  readonly row: Row
  readonly note: Note | undefined
  readonly isLit: boolean
  readonly isEditing: boolean
  readonly actions: ReactNode
}

/** A message with what stands above it (day, line of the unread) and below it (its state in words). */
export const MessageRow = memo(function MessageRow({ row, note, isLit, isEditing, actions }: MessageProps) {
  const { message, startsDay, startsUnread, startsGroup } = row
  return (
    <>
      {startsDay && <p className="day">{formatDay(new Date(message.createdAt), new Date())}</p>}
      {startsUnread && (
        <p className="first-unread">
          <span>new</span>
        </p>
      )}
      <div
        className="message"
        data-first={startsGroup || undefined}
        data-pending={message.isPending || undefined}
        data-lit={isLit || undefined}
        data-active={actions !== null || isEditing || undefined}
      >
        {startsGroup ? (
          <Avatar {...message.author} />
        ) : (
          <span className="message-gutter" aria-hidden="true">
            <Time at={message.createdAt} />
          </span>
        )}
        <div className="message-main">
          {startsGroup ? (
            <h3 className="message-head">
              <span className="message-author cut" dir="auto">
                {message.author.name}
              </span>
              <Time at={message.createdAt} />
            </h3>
          ) : (
            <span className="unseen">{message.author.name}</span>
          )}
          <p className="message-text" dir="auto">
            {pieces(message.body).map(({ text, href }, at) =>
              href === undefined ? (
                text
              ) : (
                <a key={at} href={href} target="_blank" rel="noreferrer noopener">
                  {text}
                </a>
              ),
            )}
            {message.isEdited && <span className="message-edited"> (edited)</span>}
          </p>
          {note && <MessageNote note={note} />}
        </div>
        {actions}
      </div>
    </>
  )
}, isSame)

/** Rows and notes are made at each render: what they say decides. */
function isSame(before: MessageProps, after: MessageProps): boolean {
  return (
    before.row.message === after.row.message &&
    before.row.startsDay === after.row.startsDay &&
    before.row.startsUnread === after.row.startsUnread &&
    before.row.startsGroup === after.row.startsGroup &&
    before.note?.text === after.note?.text &&
    before.isLit === after.isLit &&
    before.isEditing === after.isEditing &&
    before.actions === null &&
    after.actions === null
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
