'use client'
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react'
import type { MessageRow } from '../../../store/rows.ts'
import { useLayout } from '../../use-layout.ts'
import { renderPart, type Part } from '../part.ts'
import { Anchor } from './anchor.ts'
import { useList } from './context.ts'
import { Row, type RowState } from './row.tsx'
import { useFeed, type ScrollerState } from './use-feed.ts'

export type ScrollerProps = Part<
  ScrollerState,
  {
    /** What a row shows. By default author and text. Keep the function: each row is rendered again when it is another. */
    readonly children?: (row: MessageRow, state: RowState) => ReactNode
  }
>

/**
 * Scrolls the rows, of which there are at most 500: the list of `parts/virtual` has fewer in the document. Its height must be bounded by the page. It
 * stays at its end while one is there, and moves nothing that one looks at otherwise; near its edges it reads more. One row has the focus: ↑, ↓,
 * Home and End move it. It is a feed and not a log, since what is loaded into a log is read aloud: `Announcer` says what arrives.
 */
export function Scroller({ children, ...given }: ScrollerProps): ReactElement {
  const { rows, hasNewer, scroller, firstUnread, highlighted } = useList()
  const [active, setActive] = useState<string | null>(null)
  const [anchor] = useState(() => new Anchor())
  const content = useRef<HTMLDivElement>(null)

  useLayout(() => {
    anchor.attach(scroller.current)
    anchor.changed(!hasNewer)
  }, [anchor, scroller, rows, hasNewer])

  // Rows grow after they are there: pictures, fonts, another width.
  useEffect(() => {
    const observer = new ResizeObserver(() => anchor.hold())
    observer.observe(content.current!)
    observer.observe(scroller.current!)
    return () => observer.disconnect()
  }, [anchor, scroller])

  const { own, state, tabStop, onKeep } = useFeed(anchor, { active, setActive, lastVisible: rows.at(-1) })
  const lines = (
    <div ref={content} role="presentation">
      {rows.map((row, place) => (
        <Row
          key={row.key}
          row={row}
          previous={rows[place - 1] ?? null}
          isTabStop={row.key === tabStop}
          isFirstUnread={row.key === firstUnread}
          isHighlighted={row.index !== null && row.index === highlighted}
          onFocus={setActive}
          onKeep={onKeep}
          content={children}
        />
      ))}
    </div>
  )
  return renderPart('div', { ...own, children: lines }, state, given)
}
