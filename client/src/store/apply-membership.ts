import type { Change } from './change.ts'
import { viewerSeqOf } from './cursor.ts'
import type { ChannelState, Counted, OutboxItem } from './state.ts'
import { withCount } from './unread.ts'

type MembershipChange = Pick<
  Extract<Change, { kind: 'membership' | 'joined' }>,
  'kind' | 'membership' | 'head' | 'asOf' | 'isRecount'
>

/**
 * The user's membership follows the events of the user: of two readings the one of the later event stays. One that was read is at least as
 * new as the events before it was asked for.
 */
export function applyMembership(known: ChannelState, change: MembershipChange): ChannelState {
  const { membership, head } = change
  const { counted } = known
  if (membership.id !== known.membership.id || viewerSeqOf(change.asOf) < counted.seq) return known
  const news = countedAs(change)
  return withCount({
    ...known,
    membership,
    head: Math.max(known.head, head ?? -1),
    counted: {
      ...(head === null ? { ...counted, seq: news.seq } : news),
      isStale: !change.isRecount && (counted.isStale || isUncertain(known, change)),
    },
  })
}

/**
 * Whether a message is in the count that was deleted before the count came, or one may be missing in it: the server counts before it reads which message is
 * the newest. A list that was read says that of messages which were missed anyway.
 */
function isUncertain(
  { removed, ownHead, head: knownHead }: ChannelState,
  { kind, membership, head }: MembershipChange,
): boolean {
  const { unreadCount, lastReadIndex } = membership
  if (head === null || (kind === 'membership' && head > knownHead)) return true
  if (unreadCount === null || unreadCount === 0) return false
  const horizon = Math.max(lastReadIndex ?? -1, ownHead)
  return [...removed].some((index) => index > horizon && index <= head)
}

export function joinedChannel(
  change: Extract<Change, { kind: 'joined' }>,
  pending: readonly OutboxItem[],
): ChannelState {
  const { channel, membership, head } = change
  return {
    channel,
    membership,
    messages: [],
    intervals: [],
    head: head ?? -1,
    ownHead: -1,
    removed: new Set(),
    activityAt: Date.parse(membership.createdAt),
    position: null,
    members: new Map(),
    membersAt: null,
    left: new Map(),
    receipts: new Map(),
    typing: [],
    threadTyping: [],
    unreadCount: membership.unreadCount,
    counted: countedAs(change),
    pending,
  }
}

function countedAs({ membership, head, asOf }: MembershipChange): Counted {
  return {
    count: membership.unreadCount,
    head: head ?? -1,
    seq: viewerSeqOf(asOf),
    isStale: head === null,
  }
}
