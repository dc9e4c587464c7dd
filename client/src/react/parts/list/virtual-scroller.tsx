'use client'
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { useEffect, useState, type ReactElement } from 'react'
import type { MessageRow } from '../../../store/rows.ts'
import { useLayout } from '../../use-layout.ts'
import { renderPart } from '../part.ts'
import { useList } from './context.ts'
import { Row } from './row.tsx'
import type { ScrollerProps } from './scroller.tsx'
import { endPixels } from './scrolling.ts'
import { useFeed } from './use-feed.ts'
import { VirtualScrolling } from './virtual-scrolling.ts'

/** Rows in the document before and after those that are visible. */
const overscan = 4

export type VirtualScrollerProps = ScrollerProps & {
  /** A guess at the height in pixels of a row that was never shown. By default by the length of its text. Wrong guesses are corrected without a jump. */
  readonly estimate?: (row: MessageRow) => number
  /** Pixels that stay free before the first row and after the last one; 0 by default. */
  readonly paddingStart?: number
  readonly paddingEnd?: number
}

/**
 * A `MessageList.Scroller` with few rows in the document, however many are loaded: those that are visible, four on each side, and the one that has the focus.
 * Needs the package `@tanstack/react-virtual`. Rows are placed absolutely: they have paddings instead of margins.
 */
export function VirtualScroller({
  children,
  estimate = estimateOf,
  paddingStart = 0,
  paddingEnd = 0,
  ...given
}: VirtualScrollerProps): ReactElement {
  const { rows, hasOlder, hasNewer, scroller, isAtEnd, firstUnread, highlighted, setAtEnd } = useList()
  const [active, setActive] = useState<string | null>(null)
  const [scrolling] = useState(() => new VirtualScrolling())
  const focused = active === null ? -1 : rows.findIndex(({ key }) => key === active)

  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (place) => estimate(rows[place]!),
    getItemKey: (place) => rows[place]?.key ?? place,
    rangeExtractor: (range) => withRow(range, focused),
    // A row has the index of its message already.
    indexAttribute: 'data-place',
    anchorTo: 'end',
    followOnAppend: !hasNewer,
    // Where the end is not followed it is not held: a row that is unfolded there grows downwards.
    scrollEndThreshold: isAtEnd ? endPixels : -1,
    overscan,
    paddingStart,
    paddingEnd,
  })
  useLayout(() => scrolling.rendered(virtualizer, rows, !hasNewer))

  const [oldest, newest] = [rows[0]?.key, rows.at(-1)?.key]
  useEffect(() => {
    scrolling.look()
    setAtEnd(scrolling.isAtEnd)
  }, [scrolling, setAtEnd, oldest, newest, hasOlder, hasNewer])

  useEffect(() => {
    const observer = new ResizeObserver(() => scrolling.resized())
    observer.observe(scroller.current!)
    return () => observer.disconnect()
  }, [scrolling, scroller])

  const lastVisible = rows[virtualizer.range?.endIndex ?? -1]
  const { own, state, tabStop, onKeep } = useFeed(scrolling, { active, setActive, lastVisible })
  const lines = (
    <div role="presentation" style={{ position: 'relative', height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map(({ index: place, start }) => {
        const row = rows[place]
        return (
          row && (
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
              place={place}
              start={start}
              measure={virtualizer.measureElement}
            />
          )
        )
      })}
    </div>
  )
  const onBlur = ({ currentTarget, relatedTarget }: { currentTarget: Element; relatedTarget: Node | null }): void => {
    if (!currentTarget.contains(relatedTarget)) setActive(null)
  }
  return renderPart('div', { ...own, onBlur, children: lines }, state, given)
}

/** The row with the focus stays in the document, however far it was scrolled away. */
function withRow(range: Range, place: number): number[] {
  const places = defaultRangeExtractor(range)
  if (place < 0 || places.includes(place)) return places
  return [...places, place].toSorted((one, other) => one - other)
}

function estimateOf({ body }: MessageRow): number {
  const lines = body.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 46)), 0)
  return 16 + lines * 22
}
