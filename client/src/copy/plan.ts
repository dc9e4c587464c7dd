import type { Change, ReactionsChange, ThreadChange } from '../store/change.ts'
import { indexOfCursor, isBeyond } from '../store/cursor.ts'
import { cover, intervalAt, within } from '../store/intervals.ts'
import { placeOf } from '../store/messages.ts'
import { mergeMessage } from '../store/reactions.ts'
import type { ChannelState, Interval, Message } from '../store/state.ts'
import type { ChannelRow, MembersRow } from './schema.ts'

const maxMembers = 100

/** What a batch of changes does to the rows of a channel, in this order. */
export interface ChannelPlan {
  readonly dropsMessages: boolean
  /** Messages before this index are truncated. */
  readonly firstIndex: number
  readonly removed: readonly number[]
  /** To be kept, unless a newer reading is. */
  readonly messages: readonly Message[]
  /** To those that are kept. */
  readonly additions: readonly (ReactionsChange | ThreadChange)[]
  readonly row: ChannelRow
  /** Undefined when the members are as before. */
  readonly members: MembersRow | undefined
}

/**
 * `changes` are those of one channel, in order; `known` is the channel after all of them. What the changes say of intervals goes to the row's own:
 * the state may have let go of stretches that are kept, and the other way round.
 */
export function planChannel(
  row: ChannelRow | undefined,
  known: ChannelState,
  changes: readonly Change[],
  now: number,
): ChannelPlan {
  let intervals: readonly Interval[] = row?.intervals ?? []
  let position = row?.position ?? null
  let usedAt = row?.usedAt ?? now
  let dropsMessages = false
  let hasMembers = false
  const removed = new Set<number>()
  const messages = new Map<number, Message>()
  const additions: (ReactionsChange | ThreadChange)[] = []
  for (const change of changes) {
    // What other changes say the state has.
    if (change.kind === 'messages') {
      for (const message of change.messages) {
        const winner = winnerOf(known, message, messages.get(message.index))
        if (winner && (winner.deletedAt || !removed.has(message.index))) messages.set(message.index, winner)
      }
      // A message that comes alone is the last one of a channel in the list: nobody reads the channel.
      if (change.covered) {
        intervals = cover(intervals, change.covered)
        usedAt = now
      }
    } else if (change.kind === 'reactions' || change.kind === 'thread') {
      additions.push(change)
    } else if (change.kind === 'messageRemoved') {
      const { index, left } = change
      removed.add(index)
      messages.delete(index)
      if (left) messages.set(index, left)
    } else if (change.kind === 'position') {
      if (position !== null && isBeyond(change.cursor, position)) {
        intervals = cover(intervals, [indexOfCursor(position) + 1, indexOfCursor(change.cursor)])
        position = change.cursor
      }
    } else if (change.kind === 'started') {
      if (position === null || isBeyond(change.cursor, position)) position = change.cursor
    } else if (change.kind === 'reset') {
      dropsMessages = true
      intervals = []
      position = null
      messages.clear()
      additions.length = 0
      removed.clear()
    } else if (change.kind === 'members' || change.kind === 'memberLeft') {
      hasMembers = true
    }
  }
  const { channel, membership, head, receipts, members, unreadCount } = known
  return {
    dropsMessages,
    firstIndex: channel.firstIndex,
    removed: [...removed],
    messages: [...messages.values()].filter(({ index }) => index >= channel.firstIndex),
    additions: additions.filter(({ index }) => !removed.has(index) || messages.has(index)),
    row: {
      id: channel.id,
      usedAt,
      channel,
      membership: { ...membership, unreadCount },
      head,
      position,
      intervals: within(intervals, [channel.firstIndex, Number.MAX_SAFE_INTEGER]),
      receipts: receiptsOf(receipts),
    },
    members: hasMembers ? { channelId: channel.id, members: firstOf(members.values(), maxMembers) } : undefined,
  }
}

/** The reading to keep: the state's, which is the newest it has seen; none of a message that it knows to be gone. */
function winnerOf(known: ChannelState, message: Message, other: Message | undefined): Message | undefined {
  const { messages, intervals, removed } = known
  const present = messages[placeOf(messages, message.index)]
  if (present?.index === message.index) return present
  if (removed.has(message.index)) return undefined
  if (intervalAt(intervals, message.index)) return undefined
  return other ? mergeMessage(other, message) : message
}

function receiptsOf(receipts: ChannelState['receipts']): ChannelRow['receipts'] {
  return firstOf(receipts, maxMembers).map(([identity, receipt]) => ({ identity, ...receipt }))
}

const firstOf = <Item>(items: Iterable<Item>, count: number): Item[] => [...items].slice(0, count)
