import type { Change } from '../../src/store/change.ts'
import type { Channel, Member, Membership, Message } from '../../src/store/state.ts'

const at = '2026-01-01T00:00:00.000Z'

const cursorOf = (index: number, seq: number): string => `c.${index.toString(36)}.${seq.toString(36)}.h`

function channelOf(id: string, { revision = 1, firstIndex = 0 } = {}): Channel {
  return {
    id,
    revision,
    uniqueName: id,
    friendlyName: id,
    type: 'PRIVATE',
    isDirect: false,
    isFrozen: false,
    attributes: {},
    firstIndex,
    membersCount: 2,
    createdBy: 'alice',
    createdAt: at,
    updatedAt: at,
  } as Channel
}

function membershipOf(channelId: string, number = 1): Membership {
  return {
    id: `${channelId}-membership-${number}`,
    channelId,
    identity: 'alice',
    revision: 1,
    createdAt: at,
    lastReadIndex: null,
    unreadCount: 0,
    role: { id: 'role', friendlyName: 'member', permissions: [] },
    preferences: null,
  } as Membership
}

function messageOf(channelId: string, index: number, revision = 1, authorIdentity = 'bob'): Message {
  return {
    id: `${channelId}-${index}`,
    channelId,
    index,
    cursor: cursorOf(index, revision),
    revision,
    body: `${index} as of ${revision}`,
    authorIdentity,
    attributes: {},
    clientMessageId: null,
    createdAt: at,
    updatedAt: at,
    wasEdited: revision > 1,
    version: revision > 1 ? 2 : 1,
    editedAt: null,
    pinnedAt: null,
    pinnedBy: null,
    isSilent: false,
    streamState: null,
    deletedAt: null,
    parentIndex: null,
    isShownInChannel: true,
    replyCount: 0,
    lastReplyAt: null,
    repliers: [],
    quote: null,
    author: null,
  }
}

const memberOf = (channelId: string, identity: string, revision: number): Member =>
  ({
    id: `${channelId}-${identity}`,
    channelId,
    identity,
    revision,
    lastReadIndex: null,
    role: { id: 'role', friendlyName: 'member' },
    user: { id: identity, identity, friendlyName: null, avatarUrl: null },
  }) as Member

export const joined = (channelId: string, membership = 1): Change => ({
  kind: 'joined',
  channel: channelOf(channelId),
  membership: membershipOf(channelId, membership),
  head: -1,
  asOf: 'u.1.h',
})

/** A stream that goes on: one message after the other, as it arrives. */
export function arrivals(channelId: string, from: number, to: number): Change[] {
  return Array.from({ length: to - from + 1 }, (_, place): Change[] => {
    const index = from + place
    return [
      { kind: 'messages', channelId, messages: [messageOf(channelId, index, index + 1)], covered: [index, index] },
      { kind: 'position', channelId, cursor: cursorOf(index, index + 1) },
    ]
  }).flat()
}

/** What a server might say of some channels, in batches: a history of this many steps. */
export function randomHistory(random: () => number, steps: number): Change[][] {
  const pick = (count: number): number => Math.floor(random() * count)
  const channels = ['A', 'B', 'C'].map((id) => ({
    id,
    head: -1,
    seq: 0,
    membership: 1,
    revision: 1,
    firstIndex: 0,
    removed: new Set<number>(),
    revisions: new Map<number, number>(),
  }))
  type Known = (typeof channels)[number]
  const cursor = ({ head, seq }: Known): string => cursorOf(head, seq)
  const start = (known: Known): Change[] => [
    { ...joined(known.id, known.membership), head: known.head } as Change,
    { kind: 'channel', channelId: known.id, channel: channelOf(known.id, known) },
    { kind: 'started', channelId: known.id, cursor: cursor(known) },
  ]
  const reading = (known: Known, index: number): Message =>
    messageOf(known.id, index, known.revisions.get(index) ?? 1, index % 3 === 0 ? 'alice' : 'bob')
  const position = (known: Known): Change => ({ kind: 'position', channelId: known.id, cursor: cursor(known) })
  const step = (): Change[] => {
    const known = channels[pick(channels.length)]!
    const { id: channelId } = known
    known.seq += 1
    const kind = pick(40)
    if (kind < 16) {
      known.head += 1
      known.revisions.set(known.head, known.seq)
      const messages = [reading(known, known.head)]
      return [{ kind: 'messages', channelId, messages, covered: [known.head, known.head] }, position(known)]
    }
    const index = known.firstIndex + pick(Math.max(known.head - known.firstIndex + 1, 1))
    if (kind < 20 && index <= known.head && !known.removed.has(index)) {
      known.revisions.set(index, known.seq)
      return [{ kind: 'messages', channelId, messages: [reading(known, index)], covered: null }, position(known)]
    }
    if (kind < 23 && index <= known.head && !known.removed.has(index)) {
      known.removed.add(index)
      return [{ kind: 'messageRemoved', channelId, index, revision: known.seq }, position(known)]
    }
    if (kind < 30 && index <= known.head) {
      const to = Math.min(index + pick(30), known.head)
      const indexes = Array.from({ length: to - index + 1 }, (_, place) => index + place)
      const messages = indexes.filter((each) => !known.removed.has(each)).map((each) => reading(known, each))
      return [{ kind: 'messages', channelId, messages, covered: [index, to] }]
    }
    if (kind < 33) {
      const members = [memberOf(channelId, `member-${pick(5)}`, known.seq)]
      return [{ kind: 'members', channelId, members, totalCount: null }, position(known)]
    }
    if (kind < 34)
      return [
        { kind: 'memberLeft', channelId, identity: `member-${pick(5)}`, revision: known.seq, totalCount: 2 },
        position(known),
      ]
    if (kind < 36)
      return [{ kind: 'receipts', channelId, receipts: [{ identity: 'bob', readIndex: index, deliveredIndex: index }] }]
    if (kind < 37 && known.firstIndex < known.head - 20) {
      known.firstIndex += pick(10)
      known.revision += 1
      return [
        { kind: 'truncated', channelId, firstIndex: known.firstIndex },
        { kind: 'channel', channelId, channel: channelOf(channelId, known) },
        position(known),
      ]
    }
    if (kind < 38) {
      // Missed some: what is known is dropped.
      known.head += pick(5)
      return [
        { kind: 'reset', channelId },
        { kind: 'started', channelId, cursor: cursor(known) },
      ]
    }
    if (kind < 39) {
      const memberId = membershipOf(channelId, known.membership).id
      known.membership += 1
      return [{ kind: 'channelGone', channelId, memberId }, ...start(known)]
    }
    return [{ kind: 'viewerCursor', cursor: `u.${known.seq.toString(36)}.h` }]
  }
  const first = channels.flatMap(start)
  return [[{ kind: 'viewerCursor', cursor: 'u.1.h' }, ...first], ...Array.from({ length: steps }, step)]
}
