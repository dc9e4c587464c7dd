'use client'
import { memo, type ReactNode } from 'react'
import type { MessageRow } from '../../../store/rows.ts'

export interface RowState {
  /** Whether the line of what is unread stands above it. */
  readonly isFirstUnread: boolean
  /** Whether it was just jumped to. */
  readonly isHighlighted: boolean
}

interface RowProps extends RowState {
  readonly row: MessageRow
  readonly isTabStop: boolean
  readonly onFocus: (key: string) => void
  readonly content: ((row: MessageRow, state: RowState) => ReactNode) | undefined
}

/** What the author of a message is called. */
export const authorOf = ({ message, authorIdentity }: MessageRow): string =>
  message?.author?.friendlyName ?? authorIdentity

/** A row keeps its element for life, and is rendered again when its message changes, not when others do. */
export const Row = memo(function Row({ row, isTabStop, onFocus, content, ...state }: RowProps) {
  const { isFirstUnread, isHighlighted } = state
  const author = authorOf(row)
  return (
    <div
      role="article"
      aria-label={`${author}: ${row.body}`}
      aria-posinset={row.index === null ? undefined : row.index + 1}
      aria-setsize={row.index === null ? undefined : -1}
      tabIndex={isTabStop ? 0 : -1}
      data-key={row.key}
      data-index={row.index ?? undefined}
      data-status={row.status}
      data-mine={row.isMine ? '' : undefined}
      data-edited={row.wasEdited ? '' : undefined}
      data-first-unread={isFirstUnread ? '' : undefined}
      data-highlighted={isHighlighted ? '' : undefined}
      onFocus={() => onFocus(row.key)}
    >
      {content ? (
        content(row, state)
      ) : (
        <>
          {isFirstUnread && <p>new</p>}
          <b dir="auto">{author}</b> <span dir="auto">{row.body}</span>
        </>
      )}
    </div>
  )
})
