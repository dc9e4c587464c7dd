import type { Change } from './change.ts'
import { viewerSeqOf } from './cursor.ts'
import type { ChannelState, Counted, OutboxItem } from './state.ts'
import { withCount } from './unread.ts'

type MembershipChange = Pick<Extract<Change, { kind: 'membership' }>, 'membership' | 'head' | 'asOf'>

/**
 * The user's membership follows the events of the user: of two readings the one of the later event stays. One that was read is at least as
 * new as the events before it was asked for.
 */
export function applyMembership(known: ChannelState, { membership, head, asOf }: MembershipChange): ChannelState {
  const seq = viewerSeqOf(asOf)
  const { counted } = known
  const isOlder = seq < counted.seq || (seq === counted.seq && head !== null && head < counted.head)
  if (membership.id !== known.membership.id || isOlder) return known
  return withCount({
    ...known,
    membership,
    head: Math.max(known.head, head ?? -1),
    counted: countedAs({ membership, head, asOf }) ?? { ...counted, seq, isStale: true },
  })
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
    left: new Map(),
    receipts: new Map(),
    typing: [],
    unreadCount: membership.unreadCount,
    counted: countedAs(change) ?? { count: membership.unreadCount, head: -1, seq: 0, isStale: true },
    pending,
  }
}

function countedAs({ membership, head, asOf }: MembershipChange): Counted | null {
  return head === null ? null : { count: membership.unreadCount, head, seq: viewerSeqOf(asOf), isStale: false }
}
