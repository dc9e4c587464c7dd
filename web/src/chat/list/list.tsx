import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { counted } from '../../lib/format.ts'
import { useLongPress } from '../../lib/use-long-press.ts'
import type { Note, ShownMessage } from '../model.ts'
import { MessageRow } from './message.tsx'
import { toRows, type Row } from './rows.ts'
import { useRead } from './use-read.ts'
import './list.css'

export interface MessageListProps {
  /** What the list is called: `Messages in general`. */
  readonly label: string
  /** In order; the newest last. */
  readonly messages: readonly ShownMessage[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  readonly onOlder: () => void
  readonly onNewer: () => void
  /** Goes to the newest messages where they are not loaded. */
  readonly onNewest: () => void
  /** The index from which messages were unread when the channel was opened. */
  readonly firstUnread: number | null
  /** A message to jump to: scrolled to and lit. */
  readonly target: number | null
  /** States in words, by message key. */
  readonly notes: ReadonlyMap<string, Note>
  /** The message that the composer edits, by key. */
  readonly editing: string | null
  /** Called with the newest index that was read: visible, focused and at the end for half a second. Null where nothing can be said. */
  readonly onRead: ((index: number) => void) | null
  readonly actionsOf: (message: ShownMessage) => ReactNode
  /** Stands where there are no messages. */
  readonly empty: ReactNode
}

/** Rows in the document beside those that are visible. */
const overscan = 4
/** So near to an edge the next page is asked for. */
const edgePixels = 600
/** So near to the end one is at it. */
const endPixels = 48

/** A list of messages, anchored at its end: as high as what is loaded, with at most some sixty rows in the document. */
export function MessageList(props: MessageListProps) {
  const { messages, hasOlder, hasNewer, notes, target, editing, firstUnread } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = toRows(messages, hasOlder && (messages[0]?.index ?? 0) > (firstUnread ?? -1) ? null : firstUnread)
  const [active, setActive] = useState<string | null>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const [lit, setLit] = useState<number | null>(null)

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]?.message.body ?? ''),
    getItemKey: (index) => rows[index]?.message.key ?? index,
    anchorTo: 'end',
    followOnAppend: !hasNewer,
    scrollEndThreshold: endPixels,
    overscan,
    paddingStart: hasOlder ? 120 : 16,
    paddingEnd: hasNewer ? 120 : 12,
  })

  const newest = messages.at(-1)
  const oldest = messages[0]
  const onScroll = (): void => {
    const element = scroller.current
    if (!element) return
    setAtEnd(!hasNewer && element.scrollHeight - element.scrollTop - element.clientHeight <= endPixels)
    if (hasOlder && element.scrollTop < edgePixels) props.onOlder()
    if (hasNewer && element.scrollHeight - element.scrollTop - element.clientHeight < edgePixels) props.onNewer()
  }

  // A window that does not fill the list asks for more at once.
  // oxlint-disable-next-line react/exhaustive-deps -- once for each window: the props are new with each render
  useEffect(onScroll, [oldest?.key, newest?.key, hasOlder, hasNewer])

  // Until then the newest message may stand alone, which the list of channels has read.
  const isFilled = rows.length > 0 && (rows.length >= 20 || !hasOlder)
  const wasPlaced = useRef<number | null | undefined>(undefined)
  useLayoutEffect(() => {
    if (!isFilled || wasPlaced.current === target) return
    const isFirst = wasPlaced.current === undefined
    if (target === null) {
      if (isFirst) {
        wasPlaced.current = target
        const unread = rows.findIndex((row) => row.startsUnread)
        if (unread >= 0) virtualizer.scrollToIndex(unread, { align: 'center' })
        else virtualizer.scrollToEnd()
      } else wasPlaced.current = target
      return
    }
    const at = placeOf(rows, target, hasOlder, hasNewer)
    if (at < 0) return
    wasPlaced.current = target
    virtualizer.scrollToIndex(at, { align: 'center' })
    setLit(target)
  }, [isFilled, target, rows, hasOlder, hasNewer, virtualizer])

  // A list that gets lower, as with a keyboard or a drawer, stays at its end.
  const wasAtEnd = useRef(true)
  wasAtEnd.current = isAtEnd
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() => {
      if (wasAtEnd.current) virtualizer.scrollToEnd()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [virtualizer])

  // So does one whose rows grow, or come above what one has written oneself. Where it stands is asked too: after a jump the news of
  // the scrolling comes later than the sizes of what is there.
  const totalSize = virtualizer.getTotalSize()
  const sizeBefore = useRef(totalSize)
  useLayoutEffect(() => {
    const element = scroller.current
    const stoodAtEnd = element && sizeBefore.current - element.scrollTop - element.clientHeight <= endPixels
    sizeBefore.current = totalSize
    if (wasAtEnd.current && stoodAtEnd && !hasNewer) virtualizer.scrollToEnd()
  }, [totalSize, hasNewer, virtualizer])

  // StrictMode mounts twice, and the first scroller is gone by then.
  useLayoutEffect(
    () => () => {
      wasPlaced.current = undefined
    },
    [],
  )

  useEffect(() => {
    if (lit === null) return
    const timer = setTimeout(() => setLit(null), 1800)
    return () => clearTimeout(timer)
  }, [lit])

  // One's own message is always shown, wherever one was reading.
  const mine = newest?.isMine && newest.isPending ? newest.key : null
  useLayoutEffect(() => {
    if (mine !== null) virtualizer.scrollToEnd()
  }, [mine, virtualizer])

  // What came since one left the end.
  const leftAt = useRef<number>(-1)
  const newestIndex = newest?.index ?? -1
  if (isAtEnd) leftAt.current = newestIndex
  const missed = isAtEnd
    ? 0
    : messages.filter(({ index, isMine }) => index !== null && index > leftAt.current && !isMine).length

  useRead(scroller, isAtEnd && newestIndex >= 0 && props.onRead ? newestIndex : null, props.onRead)

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLElement && event.target.closest('button, a')) {
      if (event.key === 'Escape') scroller.current?.focus()
      return
    }
    if (event.key === 'Escape') return setActive(null)
    if (event.key === 'End') return virtualizer.scrollToEnd()
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    const at = rows.findIndex(({ message }) => message.key === active)
    const next = at < 0 ? rows.length - 1 : at + (event.key === 'ArrowUp' ? -1 : 1)
    const row = rows[Math.min(Math.max(next, 0), rows.length - 1)]
    if (!row) return
    setActive(row.message.key)
    virtualizer.scrollToIndex(rows.indexOf(row), { align: 'auto' })
  }

  const longPress = useLongPress((target) => {
    const at = Number(target.closest('.list-row')?.getAttribute('data-index') ?? -1)
    setActive(rows[at]?.message.key ?? null)
  })
  useEffect(() => {
    if (active === null) return
    const close = ({ pointerType, target }: PointerEvent): void => {
      if (pointerType === 'touch' && target instanceof Element && !target.closest('.message-actions')) setActive(null)
    }
    document.addEventListener('pointerdown', close)
    return () => document.removeEventListener('pointerdown', close)
  }, [active])

  const toNewest = (): void => {
    if (hasNewer) props.onNewest()
    virtualizer.scrollToEnd()
    scroller.current?.focus()
  }

  return (
    <div className="list">
      <div
        ref={scroller}
        className="list-scroller"
        role="group"
        aria-label={props.label}
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onPointerLeave={(event) => event.pointerType === 'mouse' && setActive(null)}
        {...longPress}
        onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setActive(null)}
      >
        {rows.length === 0 && props.empty}
        <div
          className="list-rows"
          role={rows.length > 0 ? 'list' : undefined}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {hasOlder && <p className="list-earlier">earlier messages</p>}
          {virtualizer.getVirtualItems().map(({ key, index, start }) => {
            const row = rows[index]
            if (!row) return null
            const { message } = row
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                className="list-row"
                role="listitem"
                aria-setsize={-1}
                aria-posinset={message.index === null ? undefined : message.index + 1}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
                onPointerEnter={(event) => event.pointerType === 'mouse' && setActive(message.key)}
              >
                <MessageRow
                  row={row}
                  note={notes.get(message.key)}
                  isLit={lit !== null && message.index === lit}
                  isEditing={editing === message.key}
                  actions={active === message.key ? props.actionsOf(message) : null}
                />
              </div>
            )
          })}
          {hasNewer && <p className="list-later">later messages</p>}
        </div>
      </div>
      {!isAtEnd && rows.length > 0 && (
        <button type="button" className="list-jump" onClick={toNewest}>
          {missed > 0 ? counted(missed, 'new', 'new') : 'newest'}
          <ArrowDown size={14} aria-hidden="true" />
        </button>
      )}
    </div>
  )
}

/** The row of a message; of one that was deleted, or is beyond either end, the row next to it. -1 while it is not loaded. */
function placeOf(rows: readonly Row[], target: number, hasOlder: boolean, hasNewer: boolean): number {
  const after = rows.findIndex(({ message }) => message.index !== null && message.index >= target)
  if (after < 0) return hasNewer ? -1 : rows.length - 1
  return after > 0 || !hasOlder || rows[0]?.message.index === target ? after : -1
}

/** A guess at the height of a row that was never shown. Wrong guesses are corrected without a jump: above the view by the anchor. */
function estimate(body: string): number {
  const lines = body.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 46)), 0)
  return 16 + lines * 22
}
