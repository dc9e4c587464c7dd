import { isCovered } from './intervals.ts'
import { placeOf } from './messages.ts'
import type { ChannelState } from './state.ts'

type Counting = Pick<ChannelState, 'counted' | 'head' | 'messages' | 'ownHead'> & {
  readonly membership: { readonly identity: string }
}

/** Others' messages after an index, deleted and silent ones left out. */
function othersAfter({ messages, membership }: Counting, index: number): number {
  let count = 0
  for (let place = placeOf(messages, index + 1); place < messages.length; place++) {
    const { authorIdentity, isSilent, deletedAt } = messages[place]!
    if (authorIdentity !== membership.identity && !isSilent && !deletedAt) count += 1
  }
  return count
}

/** What the user has not read: what the server counted, unless the user has written since, and what has arrived since. */
function countUnread(known: Counting): number | null {
  const { counted, ownHead } = known
  if (counted.count === null) return null
  const base = ownHead > counted.head ? 0 : counted.count
  return base + othersAfter(known, Math.max(counted.head, ownHead))
}

/** Sets the count anew. The same object when it was right. */
export function withCount(known: ChannelState): ChannelState {
  const unreadCount = countUnread(known)
  return unreadCount === known.unreadCount ? known : { ...known, unreadCount }
}

/** Moves the count up to the newest message, so that older messages are no longer needed for it. */
export function countedToHead(known: ChannelState): ChannelState {
  const { counted, head } = known
  return counted.head >= head ? known : { ...known, counted: { ...counted, count: countUnread(known), head } }
}

/** After the removal of a message that the server may have counted. Whether it had is not known for certain: the count is stale then. */
export function withoutCounted(
  known: ChannelState,
  {
    index,
    authorIdentity,
    isSilent,
  }: {
    readonly index: number
    readonly authorIdentity: string | undefined
    readonly isSilent: boolean | undefined
  },
): ChannelState {
  if (isSilent) return known
  const { counted, membership, ownHead } = known
  const isCounted = index <= counted.head && ownHead <= counted.head && authorIdentity !== membership.identity
  if (!isCounted || counted.count === null || counted.count === 0) return known
  // What was marked as unread stands below `lastReadIndex`.
  const count = index > (membership.lastReadIndex ?? -1) ? counted.count - 1 : counted.count
  return { ...known, counted: { ...counted, count, isStale: true } }
}

/** After the user has read up to an index. Where not everything above is known the server will say the count. */
export function readThrough(known: ChannelState, index: number): ChannelState {
  const { counted, membership } = known
  if (index <= (membership.lastReadIndex ?? -1)) return known
  const read = { ...known, membership: { ...membership, lastReadIndex: index } }
  if (counted.count === null) return read
  if (index >= counted.head) return { ...read, counted: { ...counted, count: 0, head: index } }
  if (!isCovered(known.intervals, [index + 1, counted.head])) return read
  const count = othersAfter(known, Math.max(index, known.ownHead)) - othersAfter(known, counted.head)
  return { ...read, counted: { ...counted, count: Math.max(0, count) } }
}
