import { withEntry, withOne } from './bounded.ts'
import type { Change } from './change.ts'
import { indexOfCursor, isBeyond } from './cursor.ts'
import { cover, within } from './intervals.ts'
import { mergeAddition, mergeMessages, placeOf, removeMessage } from './messages.ts'
import type { ChannelState, Member, Receipt } from './state.ts'
import { readThrough, withCount, withoutCounted } from './unread.ts'

/** A change of one channel. Of a channel that is not known it is dropped. */
export type ChannelChange = Exclude<
  Extract<Change, { readonly channelId: string }>,
  { readonly kind: 'joined' | 'channelGone' }
>

export function applyToChannel(known: ChannelState, change: ChannelChange): ChannelState {
  switch (change.kind) {
    case 'channel':
      return withChannel(known, change)
    case 'messages':
      return withMessages(known, change)
    case 'reply':
      return known
    case 'appended':
    case 'reactions':
    case 'thread': {
      const messages = mergeAddition(known.messages, change)
      return messages === known.messages ? known : { ...known, messages }
    }
    case 'messageRemoved':
      return withoutMessage(known, change)
    case 'truncated':
      return withFirstIndex(known, change.firstIndex)
    case 'members':
      return withMembers(known, change)
    case 'memberLeft':
      return withoutMember(known, change)
    case 'receipts':
      return withReceipts(known, change.receipts)
    case 'read': {
      const read = readThrough(known, change.index)
      return read === known ? known : withCount(read)
    }
    case 'typing': {
      const { identity, until, parentId } = change
      const place = parentId === undefined ? 'typing' : 'threadTyping'
      const present = known[place].find((typist) => typist.identity === identity && typist.parentId === parentId)
      if ((present?.until ?? null) === until) return known
      const others = known[place].filter((typist) => typist !== present)
      return { ...known, [place]: until === null ? others : [...others, { identity, until, parentId }] }
    }
    case 'started': {
      if (known.position !== null && !isBeyond(change.cursor, known.position)) return known
      return { ...known, position: change.cursor, head: Math.max(known.head, indexOfCursor(change.cursor)) }
    }
    case 'position': {
      const { cursor } = change
      if (known.position === null || !isBeyond(cursor, known.position)) return known
      const index = indexOfCursor(cursor)
      const intervals = cover(known.intervals, [indexOfCursor(known.position) + 1, index])
      return { ...known, position: cursor, intervals, head: Math.max(known.head, index) }
    }
    case 'reset':
      return withCount({
        ...known,
        messages: [],
        intervals: [],
        head: -1,
        ownHead: -1,
        removed: new Set(),
        membersAt: null,
        position: null,
        receipts: new Map(),
        counted: { ...known.counted, count: known.unreadCount, head: -1, isStale: true },
      })
  }
}

function withChannel(known: ChannelState, change: Extract<Change, { kind: 'channel' }>): ChannelState {
  const { channel } = change
  const { revision } = known.channel
  if (channel.revision < revision) return known
  const counted = withMembersCount(known, { ...change, totalCount: channel.membersCount })
  if (channel.revision === revision) return counted
  const { membersCount: now } = counted.channel
  const changed = channel.membersCount === now ? channel : { ...channel, membersCount: now }
  return withFirstIndex({ ...counted, channel: changed }, channel.firstIndex)
}

function withMessages(known: ChannelState, { messages, covered }: Extract<Change, { kind: 'messages' }>): ChannelState {
  const { firstIndex } = known.channel
  const standing = messages.filter(
    ({ index, deletedAt }) => index >= firstIndex && (deletedAt != null || !known.removed.has(index)),
  )
  const merged = mergeMessages(known.messages, standing)
  const intervals = covered ? cover(known.intervals, [Math.max(covered[0], firstIndex), covered[1]]) : known.intervals
  const head = Math.max(known.head, messages.at(-1)?.index ?? -1)
  const self = known.membership.identity
  // Of removed ones too: they may be heard of after their removal.
  const ownHead = messages.reduce(
    (own, { index, authorIdentity }) => (authorIdentity === self ? Math.max(own, index) : own),
    known.ownHead,
  )
  const activityAt = messages.reduce((at, { createdAt }) => Math.max(at, Date.parse(createdAt)), known.activityAt)
  const isSame = merged === known.messages && intervals === known.intervals && head === known.head
  if (isSame && ownHead === known.ownHead && activityAt === known.activityAt) return known
  const arrived = messages.filter(({ index }) => index > known.head)
  const { preferences } = known.membership
  return withCount({
    ...known,
    messages: merged,
    intervals,
    head,
    ownHead,
    activityAt,
    typing: known.typing.some(({ identity }) => arrived.some(({ authorIdentity }) => authorIdentity === identity))
      ? known.typing.filter(({ identity }) => !arrived.some(({ authorIdentity }) => authorIdentity === identity))
      : known.typing,
    // A hidden channel comes back with its next message, and no event says so.
    membership:
      arrived.length > 0 && preferences?.isHidden
        ? { ...known.membership, preferences: { ...preferences, isHidden: false } }
        : known.membership,
  })
}

function withoutMessage(known: ChannelState, change: Extract<Change, { kind: 'messageRemoved' }>): ChannelState {
  const { index, left } = change
  if (known.removed.has(index) || change.isHidden) return known
  const { message, messages: others } = removeMessage(known.messages, index)
  // Newer than what was known of it.
  const messages = left ? mergeMessages(known.messages, [left]) : others
  const removed = withOne(known.removed, index)
  const { authorIdentity = change.authorIdentity, isSilent = change.isSilent } = message ?? {}
  return withCount(withoutCounted({ ...known, messages, removed }, { index, authorIdentity, isSilent }))
}

function withFirstIndex(known: ChannelState, firstIndex: number): ChannelState {
  const isNews = firstIndex > known.channel.firstIndex
  const messages = known.messages.slice(placeOf(known.messages, firstIndex))
  const intervals = within(known.intervals, [firstIndex, Number.MAX_SAFE_INTEGER])
  const isShorter = messages.length < known.messages.length || intervals !== known.intervals
  if (!isNews && !isShorter) return known
  return withCount({
    ...known,
    messages: isShorter ? messages : known.messages,
    intervals,
    channel: isNews ? { ...known.channel, firstIndex } : known.channel,
    // What was truncated may have been counted.
    counted: known.counted.count === 0 ? known.counted : { ...known.counted, isStale: true },
  })
}

function withMembers(known: ChannelState, change: Extract<Change, { kind: 'members' }>): ChannelState {
  const isNews = ({ identity, revision, lastReadIndex }: Member): boolean => {
    const present = known.members.get(identity)
    const isRead = present?.revision === revision && (lastReadIndex ?? -1) > (present.lastReadIndex ?? -1)
    return revision > Math.max(known.left.get(identity) ?? -1, present?.revision ?? -1) || isRead
  }
  const news = change.members.filter(isNews)
  const counted = withMembersCount(known, change)
  if (news.length === 0) return counted
  const members = new Map(known.members)
  for (const member of news) members.set(member.identity, member)
  return { ...counted, members }
}

function withoutMember(known: ChannelState, change: Extract<Change, { kind: 'memberLeft' }>): ChannelState {
  const { identity, revision } = change
  const counted = withMembersCount(known, change)
  if ((known.left.get(identity) ?? -1) >= revision) return counted
  const left = withEntry(known.left, identity, revision)
  // It has joined again since.
  if ((known.members.get(identity)?.revision ?? -1) > revision) return { ...counted, left }
  const members = new Map(known.members)
  members.delete(identity)
  return {
    ...counted,
    members,
    left,
    typing: known.typing.some((typist) => typist.identity === identity)
      ? known.typing.filter((typist) => typist.identity !== identity)
      : known.typing,
  }
}

/**
 * A count has no revision: the last reading stands. An event that the stream has delivered already is no newer one, for whatever changed the
 * count since has an event beyond it; nor is what was asked for before the last event that counted.
 */
function withMembersCount(known: ChannelState, counted: Counting): ChannelState {
  const { channel } = known
  const { totalCount, event } = counted
  if (totalCount === null || !isNewer(counted, known)) return known
  const membersAt = event?.cursor ?? known.membersAt
  const isSame = totalCount === channel.membersCount
  if (isSame && membersAt === known.membersAt) return known
  return { ...known, membersAt, channel: isSame ? channel : { ...channel, membersCount: totalCount } }
}

type Counting = Pick<Extract<Change, { kind: 'members' }>, 'totalCount' | 'event' | 'readAt'>

function isNewer({ event, readAt = null }: Counting, { position, membersAt }: ChannelState): boolean {
  if (event) return position !== null && isBeyond(event.cursor, position)
  return membersAt === null || (readAt !== null && !isBeyond(membersAt, readAt))
}

function withReceipts(known: ChannelState, news: Extract<Change, { kind: 'receipts' }>['receipts']): ChannelState {
  let receipts: Map<string, Receipt> | undefined
  for (const { identity, ...receipt } of news) {
    const present = (receipts ?? known.receipts).get(identity)
    const readIndex = later(present?.readIndex, receipt.readIndex)
    const deliveredIndex = later(present?.deliveredIndex, receipt.deliveredIndex)
    if (present && present.readIndex === readIndex && present.deliveredIndex === deliveredIndex) continue
    receipts ??= new Map(known.receipts)
    receipts.set(identity, { readIndex, deliveredIndex })
  }
  return receipts ? { ...known, receipts } : known
}

const later = (one: number | null | undefined, other: number | null): number | null =>
  one == null ? other : other === null ? one : Math.max(one, other)
