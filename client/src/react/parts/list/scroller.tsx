'use client'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
import type { MessageRow } from '../../../store/rows.ts'
import { useLayout } from '../../use-layout.ts'
import { renderPart, type Part } from '../part.ts'
import { useList } from './context.ts'
import { Row, type RowState } from './row.tsx'

/** So near to an edge, in pixels, the next page is read. */
const edgePixels = 600

export interface ScrollerState {
  /** Whether there are messages before and after those that are loaded. */
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  readonly atEnd: boolean
  readonly empty: boolean
}

export type ScrollerProps = Part<
  ScrollerState,
  {
    /** What a row shows. By default author and text. Keep the function: each row is rendered again when it is another. */
    readonly children?: (row: MessageRow, state: RowState) => ReactNode
  }
>

/**
 * Scrolls the rows. Its height must be bounded by the page. It stays at its end while one is there, and moves nothing that one looks at otherwise;
 * near its edges it reads more. One row has the focus: ↑, ↓, Home and End move it. It is a feed and not a log, since what is loaded into a
 * log is read aloud: `Announcer` says what arrives.
 */
export function Scroller({ children, ...given }: ScrollerProps): ReactElement {
  const { rows, hasOlder, hasNewer, list, anchor, scroller, isAtEnd, isLoaded, ...context } = useList()
  const { firstUnread, highlighted, setAtEnd, toNewest } = context
  const [active, setActive] = useState<string | null>(null)
  const content = useRef<HTMLDivElement>(null)
  const isPlaced = useRef(false)

  const look = (): void => {
    anchor.look()
    setAtEnd(anchor.isAtEnd)
    readMore()
  }
  const readMore = (): void => {
    const element = scroller.current
    if (!element) return
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    if (hasOlder && element.scrollTop < edgePixels) list.loadOlder().catch(() => {})
    else if (hasNewer && below < edgePixels) list.loadNewer().catch(() => {})
  }

  useLayout(() => {
    anchor.attach(scroller.current)
    anchor.changed(!hasNewer)
    if (isPlaced.current || !isLoaded || rows.length === 0) return
    isPlaced.current = true
    if (firstUnread !== null && anchor.isAtEnd && anchor.toRow(firstUnread)) setAtEnd(anchor.isAtEnd)
  }, [anchor, scroller, rows, hasNewer, isLoaded, firstUnread, setAtEnd])
  useEffect(readMore)

  // Rows grow after they are there: pictures, fonts, another width.
  useEffect(() => {
    const observer = new ResizeObserver(() => anchor.hold())
    observer.observe(content.current!)
    observer.observe(scroller.current!)
    return () => observer.disconnect()
  }, [anchor, scroller])

  // One’s own message is shown, wherever one was reading.
  const last = rows.at(-1)
  const sent = last?.isMine && last.index === null ? last.key : null
  const shown = useRef(sent)
  useLayout(() => {
    if (sent !== null && sent !== shown.current) toNewest()
    shown.current = sent
  }, [sent, toNewest])

  const focus = (row: MessageRow | undefined): void => {
    if (!row) return
    setActive(row.key)
    anchor.rowOf(row.key)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    // Keys within a row belong to what stands there.
    const key = (event.target as HTMLElement).dataset['key']
    const place = rows.findIndex((row) => row.key === key)
    const next = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: rows.length - 1 }[event.key]
    if (next === undefined || place < 0) return
    event.preventDefault()
    if (event.key === 'End' && hasNewer) toNewest()
    focus(rows[Math.min(Math.max(next, 0), rows.length - 1)])
  }

  const tabStop = rows.some(({ key }) => key === active) ? active : rows.at(-1)?.key
  const state: ScrollerState = { hasOlder, hasNewer, atEnd: isAtEnd, empty: isLoaded && rows.length === 0 }
  const own = {
    ref: scroller,
    role: 'feed',
    'aria-label': 'Messages',
    'aria-busy': !isLoaded,
    onScroll: look,
    onKeyDown,
    // Safari ignores `scrollTop` while it bounces, and the browsers’ anchoring would move what is held here.
    style: { overflowY: 'auto', overflowAnchor: 'none', overscrollBehavior: 'none' },
    children: (
      <div ref={content} role="presentation">
        {rows.map((row) => (
          <Row
            key={row.key}
            row={row}
            isTabStop={row.key === tabStop}
            isFirstUnread={row.key === firstUnread}
            isHighlighted={row.index !== null && row.index === highlighted}
            onFocus={setActive}
            content={children}
          />
        ))}
      </div>
    ),
  }
  return renderPart('div', own, state, given)
}
