import { indexOfCursor } from './cursor.ts'
import { intervalAt } from './intervals.ts'
import { placeOf } from './messages.ts'
import { changingItems, pendingRow, reactingItems, rowOf, type MessageRow } from './rows.ts'
import type { ChannelState, Interval, Message, OutboxAction } from './state.ts'

/** Most messages that a window has. */
export const windowSize = 500

/** The part of a channel that a list shows: a stretch without holes. */
export interface Window {
  /** Index of the first message that is wanted. */
  readonly from: number
  /** Index of the last one; null follows the newest. */
  readonly to: number | null
}

export interface MessageWindow {
  /** Oldest first; at most 500 of messages, and after the newest what waits in the outbox. */
  readonly rows: readonly MessageRow[]
  /** Whether older messages exist that the window does not have. */
  readonly hasOlder: boolean
  /** Whether newer ones do; never while the window follows the newest. */
  readonly hasNewer: boolean
  /** Whether any page of this part of the channel has been read. */
  readonly isLoaded: boolean
}

type SendAction = Extract<OutboxAction, { readonly kind: 'send' }>

export const emptyWindow: MessageWindow = { rows: [], hasOlder: false, hasNewer: false, isLoaded: false }

/**
 * Up to where everything is known, for a window that follows the newest: the stream’s position, which stands below the head while it catches up, and
 * while a send was answered before the stream has brought what others sent before it.
 */
export function liveEnd({ position, head }: ChannelState): number {
  return position === null ? head : Math.min(head, indexOfCursor(position))
}

/** The messages that a window shows, the index at which it begins, and whether anything is known of that part. */
export function windowMessages(
  known: ChannelState,
  { from, to }: Window,
): { readonly messages: readonly Message[]; readonly first: number; readonly interval: Interval | undefined } {
  const { intervals, messages } = known
  const end = to ?? liveEnd(known)
  const interval = intervalAt(intervals, end) ?? (to === null ? undefined : intervalAt(intervals, from))
  if (!interval) return { messages: [], first: end + 1, interval }
  const first = Math.max(from, interval[0])
  const last = to === null ? interval[1] : Math.min(to, interval[1])
  const shown = messages.slice(placeOf(messages, first), placeOf(messages, last + 1))
  if (to !== null) return { messages: shown.slice(0, windowSize), first, interval }
  // What one has just sent stays, even if something before it is yet to come.
  const self = known.membership.identity
  const ahead = messages
    .slice(placeOf(messages, last + 1))
    .filter(({ authorIdentity, clientMessageId }) => authorIdentity === self && clientMessageId !== null)
  const newest = [...shown, ...ahead].slice(-windowSize)
  const isCut = newest.length < shown.length + ahead.length
  return { messages: newest, first: isCut ? newest[0]!.index : first, interval }
}

/** What a list shows. The previous window when it is the same still, or its rows when those are. */
export function selectWindow(
  known: ChannelState & { readonly parentId?: string },
  window: Window,
  previous: MessageWindow = emptyWindow,
): MessageWindow {
  const { messages, first, interval } = windowMessages(known, window)
  const self = known.membership.identity
  const { head, pending, channel } = known
  const isAtHead = window.to === null || window.to >= head
  const [changing, reacting] = [changingItems(pending), reactingItems(pending)]
  const sent = pending.length === 0 ? null : new Set(messages.map(({ clientMessageId }) => clientMessageId))
  const isIn = ({ parentId, showInChannel }: SendAction): boolean =>
    parentId === known.parentId || (showInChannel === true && known.parentId === undefined)
  const waiting = isAtHead
    ? pending.filter(({ action }) => action.kind === 'send' && isIn(action) && !sent!.has(action.clientMessageId))
    : []
  const rows = [
    ...messages.map((message) => rowOf(message, changing, self, reacting)),
    ...waiting.map((item) => pendingRow(item, changing, self)),
  ].filter((row) => row !== null)
  const isSame = rows.length === previous.rows.length && rows.every((row, place) => row === previous.rows[place])
  const next: MessageWindow = {
    rows: isSame ? previous.rows : rows,
    hasOlder: first > channel.firstIndex && head >= channel.firstIndex,
    hasNewer: !isAtHead,
    isLoaded: interval !== undefined || head < channel.firstIndex,
  }
  const names = ['rows', 'hasOlder', 'hasNewer', 'isLoaded'] as const
  return names.every((name) => next[name] === previous[name]) ? previous : next
}

/** A window that begins a page earlier. Beyond 500 messages it loses its newest ones. */
export function slideBack(known: ChannelState, window: Window, count: number): Window {
  const { messages, first, interval } = windowMessages(known, window)
  if (!interval) return window
  const start = Math.max(placeOf(known.messages, first) - count, placeOf(known.messages, interval[0]))
  const from = start === placeOf(known.messages, interval[0]) ? interval[0] : known.messages[start]!.index
  const end = placeOf(known.messages, (messages.at(-1)?.index ?? first) + 1)
  return end - start > windowSize ? { from, to: known.messages[start + windowSize - 1]!.index } : { ...window, from }
}

/** A window that ends a page later, and follows the newest once it has it. Beyond 500 messages it loses its oldest ones. */
export function slideForward(known: ChannelState, window: Window, count: number): Window {
  const { messages, first, interval } = windowMessages(known, window)
  if (window.to === null || !interval) return window
  const last = placeOf(known.messages, interval[1] + 1)
  const end = Math.min(placeOf(known.messages, (messages.at(-1)?.index ?? first - 1) + 1) + count, last)
  const start = Math.max(placeOf(known.messages, first), end - windowSize)
  const from = start === placeOf(known.messages, first) ? first : known.messages[start]!.index
  if (end < last) return { from, to: known.messages[end - 1]!.index }
  return { from, to: interval[1] >= liveEnd(known) ? null : interval[1] }
}

/** A window around an index, which is known. */
export function windowAround(known: ChannelState, index: number, count: number): Window {
  const place = placeOf(known.messages, index)
  const interval = intervalAt(known.intervals, index) ?? [index, index]
  const from = Math.max(known.messages[Math.max(place - count, 0)]?.index ?? 0, interval[0])
  const start = placeOf(known.messages, from)
  const to = Math.min(known.messages[start + windowSize - 1]?.index ?? interval[1], interval[1])
  return { from, to: to >= liveEnd(known) ? null : to }
}
