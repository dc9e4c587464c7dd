'use client'
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  type CSSProperties,
  type KeyboardEvent,
  type RefObject,
} from 'react'
import type { MessageRow } from '../../../store/rows.ts'
import { useLayout } from '../../use-layout.ts'
import { isFilled } from '../../use-messages.ts'
import { useList } from './context.ts'
import { rowElement, type Scrolling } from './scrolling.ts'

/** So near to an edge, in pixels, the next page is read. */
const edgePixels = 600

export interface ScrollerState {
  /** Whether there are messages before and after those that are loaded. */
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  readonly atEnd: boolean
  readonly empty: boolean
}

export interface Feed {
  /** What the scroller’s element has. */
  readonly own: object
  readonly state: ScrollerState
  readonly tabStop: string | undefined
  readonly onKeep: (key: string) => void
}

// Safari ignores `scrollTop` while it bounces, and the browsers’ anchoring would move what is held here.
const style: CSSProperties = { overflowY: 'auto', overflowAnchor: 'none', overscrollBehavior: 'none' }

/** What a list does, however its rows are laid out: it reads more near its edges, opens at the first unread message, and one row has the focus. */
export function useFeed(
  scrolling: Scrolling & { look(): void },
  { active, setActive, lastVisible }: FocusOptions,
): Feed {
  const context = useList()
  const { rows, hasOlder, hasNewer, list, scroller, isAtEnd, isLoaded, at, firstUnread, setAtEnd, toNewest } = context
  useImperativeHandle(context.scrolling as RefObject<Scrolling | null>, () => scrolling, [scrolling])

  const readMore = (): void => {
    const element = scroller.current
    if (!element) return
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    if (hasOlder && element.scrollTop < edgePixels) list.loadOlder().catch(() => {})
    else if (hasNewer && below < edgePixels) list.loadNewer().catch(() => {})
  }
  useEffect(readMore)

  const isPlaced = useRef(false)
  // Where it is sent to a message it opens there.
  const isSent = at !== undefined
  const isReady = isLoaded && rows.length > 0 && isFilled(context)
  useLayout(() => {
    if (isPlaced.current || !isReady || isSent) return
    isPlaced.current = true
    if (firstUnread === null || !scrolling.toRow(firstUnread)) scrolling.toEnd()
    setAtEnd(scrolling.isAtEnd)
  }, [scrolling, isReady, isSent, firstUnread, setAtEnd])
  // StrictMode mounts twice, and what was scrolled the first time is forgotten.
  useLayout(
    () => () => {
      isPlaced.current = false
    },
    [],
  )

  // One’s own message is shown, wherever one was reading.
  const last = rows.at(-1)
  const sent = last?.isMine && last.index === null ? last.key : null
  const shown = useRef(sent)
  useLayout(() => {
    if (sent !== null && sent !== shown.current) toNewest()
    shown.current = sent
  }, [sent, toNewest])

  // A row that a virtual list has not laid out yet gets the focus once it is there.
  const wanted = useRef<string | null>(null)
  const settle = (): void => {
    const element = wanted.current === null ? null : rowElement(scroller.current, wanted.current)
    if (!element) return
    wanted.current = null
    element.focus({ preventScroll: true })
    element.scrollIntoView({ block: 'nearest' })
  }
  useLayout(settle)

  const tabStop = rows.some(({ key }) => key === active) ? active! : lastVisible?.key
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const { target, currentTarget, key } = event
    // Keys within a row belong to what stands there.
    const stop = rows.findIndex((row) => row.key === tabStop)
    const isList = target === currentTarget
    const place = isList ? stop : rows.findIndex((row) => row.key === (target as HTMLElement).dataset['key'])
    const step = isList ? 0 : 1
    const next = { ArrowUp: place - step, ArrowDown: place + step, Home: 0, End: rows.length - 1 }[key]
    if (next === undefined || place < 0) return
    event.preventDefault()
    if (key === 'End' && hasNewer) toNewest()
    wanted.current = rows[Math.min(Math.max(next, 0), rows.length - 1)]!.key
    setActive(wanted.current)
    settle()
  }

  return {
    own: {
      ref: scroller,
      role: 'feed',
      'aria-label': 'Messages',
      'aria-busy': !isLoaded,
      // The button that goes to the newest message gives it the focus.
      tabIndex: -1,
      onScroll: () => {
        scrolling.look()
        setAtEnd(scrolling.isAtEnd)
        readMore()
      },
      onKeyDown,
      style,
    },
    state: { hasOlder, hasNewer, atEnd: isAtEnd, empty: isLoaded && rows.length === 0 },
    tabStop,
    onKeep: useCallback(
      (key: string) => {
        scrolling.keep(key)
        setAtEnd(false)
      },
      [scrolling, setAtEnd],
    ),
  }
}

interface FocusOptions {
  /** Key of the row that has or had the focus. */
  readonly active: string | null
  readonly setActive: (key: string) => void
  /** Where Tab enters the list otherwise. */
  readonly lastVisible: MessageRow | undefined
}
