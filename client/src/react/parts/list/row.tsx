'use client'
import { memo, useCallback, type CSSProperties, type ReactNode } from 'react'
import type { MessageRow } from '../../../store/rows.ts'

export interface RowState {
  /** Whether the line of what is unread stands above it. */
  readonly isFirstUnread: boolean
  /** Whether it was just jumped to. */
  readonly isHighlighted: boolean
  /** The row above it, for lists that group by author or day; null above the first that is loaded. While its text is being written it may be an older one. */
  readonly previous: MessageRow | null
  /** Call it before the row changes its height by the reader’s hand, as when it is unfolded: the list keeps its place, and leaves its end. */
  readonly keepPlace: () => void
}

interface RowProps extends Omit<RowState, 'keepPlace'> {
  readonly row: MessageRow
  readonly isTabStop: boolean
  readonly onFocus: (key: string) => void
  readonly onKeep: (key: string) => void
  /** Where a virtual list has it: its number, and the pixels above it. */
  readonly place?: number
  readonly start?: number
  readonly measure?: (element: HTMLElement | null) => void
  readonly content: ((row: MessageRow, state: RowState) => ReactNode) | undefined
}

/** A label is read as one: what is longer is read from the text itself. */
const maxLabel = 500

/** What the author of a message is called. */
export const authorOf = ({ message, authorIdentity }: MessageRow): string =>
  message?.author?.friendlyName ?? authorIdentity

const laid: CSSProperties = { position: 'absolute', top: 0, left: 0, width: '100%' }

/** Of the row above only its text may be another: that of one that is being written is no reason to render the one below it. */
const isSameAbove = (one: MessageRow | null, other: MessageRow | null): boolean =>
  one === other ||
  (one?.key === other?.key &&
    one?.message?.streamState === 'STREAMING' &&
    other?.message?.streamState === 'STREAMING' &&
    one.message.revision === other.message.revision)

function isSame(before: RowProps, after: RowProps): boolean {
  const { previous, ...rest } = before
  return (
    isSameAbove(previous, after.previous) &&
    Object.entries(rest).every(([name, value]) => Object.is(value, after[name as keyof RowProps]))
  )
}

/** A row keeps its element for life, and is rendered again when its message changes, not when others do. */
export const Row = memo(function Row({ row, isTabStop, onFocus, onKeep, content, ...given }: RowProps) {
  const { isFirstUnread, isHighlighted, previous, place, start, measure } = given
  const keepPlace = useCallback(() => onKeep(row.key), [onKeep, row.key])
  const author = authorOf(row)
  return (
    <div
      ref={measure}
      role="article"
      aria-label={`${author}: ${row.body.slice(0, maxLabel)}`}
      aria-posinset={row.index === null ? undefined : row.index + 1}
      aria-setsize={row.index === null ? undefined : -1}
      tabIndex={isTabStop ? 0 : -1}
      style={start === undefined ? undefined : { ...laid, transform: `translateY(${start}px)` }}
      data-place={place}
      data-key={row.key}
      data-index={row.index ?? undefined}
      data-status={row.status}
      aria-busy={row.message?.streamState === 'STREAMING' || undefined}
      data-streaming={row.message?.streamState === 'STREAMING' ? '' : undefined}
      data-mine={row.isMine ? '' : undefined}
      data-edited={row.wasEdited ? '' : undefined}
      data-first-unread={isFirstUnread ? '' : undefined}
      data-highlighted={isHighlighted ? '' : undefined}
      onFocus={() => onFocus(row.key)}
    >
      {content ? (
        content(row, { isFirstUnread, isHighlighted, previous, keepPlace })
      ) : (
        <>
          {isFirstUnread && <p>new</p>}
          <b dir="auto">{author}</b> <span dir="auto">{row.body}</span>
        </>
      )}
    </div>
  )
}, isSame)
