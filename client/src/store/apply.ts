import type { Change } from './change.ts'
import { indexOfCursor, seqOfCursor } from './cursor.ts'
import { cover } from './intervals.ts'
import { mergeMessages, placeOf, removeMessage } from './messages.ts'
import type { Channel, ChannelState, OutboxItem, State } from './state.ts'

/** A change of a channel that is known; of any other it is dropped. */
type ChannelChange = Exclude<Extract<Change, { readonly channelId: string }>, { readonly kind: 'channelGone' }>

/** The state after a change; the same object when the change says nothing new. */
export function apply(state: State, change: Change): State {
  if (!isOfChannel(change)) return applyToAll(state, change)
  return update(state, change.channelId, (known) => applyToChannel(known, change, state.session?.identity))
}

function isOfChannel(change: Change): change is ChannelChange {
  return 'channelId' in change && change.kind !== 'channelGone'
}

function applyToAll(state: State, change: Exclude<Change, ChannelChange>): State {
  switch (change.kind) {
    case 'connection':
      return { ...state, connection: change.connection }
    case 'session':
      return { ...state, session: change.session }
    case 'viewerCursor':
      return { ...state, viewerCursor: change.cursor }
    case 'list':
      return { ...state, listStatus: change.isComplete ? 'complete' : 'partial' }
    case 'module':
      return { ...state, modules: { ...state.modules, [change.name]: change.value } }
    case 'outbox':
      return withOutbox(state, change.items)
    case 'channel':
      return withChannel(state, change.channel)
    case 'channelGone': {
      const channels = new Map(state.channels)
      return channels.delete(change.channelId) ? { ...state, channels } : state
    }
    case 'membership':
      return update(state, change.membership.channelId, (known) => ({
        ...known,
        membership: change.membership,
        unreadCount: change.membership.unreadCount,
        head: Math.max(known.head, change.head ?? -1),
      }))
  }
}

function applyToChannel(known: ChannelState, change: ChannelChange, self: string | undefined): ChannelState {
  switch (change.kind) {
    case 'messages': {
      const { messages, covered } = change
      const arrived = messages.filter(
        ({ index, authorIdentity }) => index > known.head && authorIdentity !== self,
      ).length
      const merged = mergeMessages(known.messages, messages)
      const intervals = covered ? cover(known.intervals, covered) : known.intervals
      const head = Math.max(known.head, messages.at(-1)?.index ?? -1)
      if (merged === known.messages && intervals === known.intervals && head === known.head) return known
      const unreadCount = known.unreadCount === null ? null : known.unreadCount + arrived
      const typing = known.typing.filter(
        ({ identity }) => !messages.some(({ authorIdentity }) => authorIdentity === identity),
      )
      return { ...known, messages: merged, intervals, head, unreadCount, typing }
    }
    case 'messageRemoved': {
      const messages = removeMessage(known.messages, change.index, change.revision)
      return messages === known.messages ? known : { ...known, messages }
    }
    case 'truncated': {
      const messages = known.messages.slice(placeOf(known.messages, change.firstIndex))
      return { ...known, messages, channel: { ...known.channel, firstIndex: change.firstIndex } }
    }
    case 'members': {
      const members = new Map(known.members)
      for (const member of change.members) {
        if ((members.get(member.identity)?.revision ?? -1) <= member.revision) members.set(member.identity, member)
      }
      const membersCount = change.totalCount ?? known.channel.membersCount
      return { ...known, members, channel: { ...known.channel, membersCount } }
    }
    case 'memberLeft': {
      const members = new Map(known.members)
      return members.delete(change.identity) ? { ...known, members } : known
    }
    case 'receipts': {
      const receipts = new Map(known.receipts)
      for (const { identity, readIndex, deliveredIndex } of change.receipts) {
        const present = receipts.get(identity)
        receipts.set(identity, {
          readIndex: later(present?.readIndex, readIndex),
          deliveredIndex: later(present?.deliveredIndex, deliveredIndex),
        })
      }
      return { ...known, receipts }
    }
    case 'typing': {
      const { identity, until } = change
      const others = known.typing.filter((typist) => typist.identity !== identity)
      if (until === null && others.length === known.typing.length) return known
      return { ...known, typing: until === null ? others : [...others, { identity, until }] }
    }
    case 'started': {
      const index = indexOfCursor(change.cursor)
      return { ...known, position: change.cursor, head: Math.max(known.head, index) }
    }
    case 'position': {
      const { cursor } = change
      if (known.position === null || seqOfCursor(known.position) >= seqOfCursor(cursor)) return known
      const intervals = cover(known.intervals, [indexOfCursor(known.position) + 1, indexOfCursor(cursor)])
      return { ...known, position: cursor, intervals, head: Math.max(known.head, indexOfCursor(cursor)) }
    }
    case 'reset':
      return { ...known, messages: [], intervals: [], head: -1, position: null, receipts: new Map() }
  }
}

const later = (one: number | null | undefined, other: number | null): number | null =>
  one == null ? other : other === null ? one : Math.max(one, other)

function update(state: State, channelId: string, change: (known: ChannelState) => ChannelState): State {
  const known = state.channels.get(channelId)
  if (!known) return state
  const changed = change(known)
  return changed === known ? state : { ...state, channels: new Map(state.channels).set(channelId, changed) }
}

function withChannel(state: State, channel: Channel): State {
  const known = state.channels.get(channel.id)
  if (known && known.channel.revision > channel.revision) return state
  const changed = known ? { ...known, channel } : newChannel(channel)
  return { ...state, channels: new Map(state.channels).set(channel.id, changed) }
}

function newChannel(channel: Channel): ChannelState {
  return {
    channel,
    membership: null,
    messages: [],
    intervals: [],
    head: -1,
    position: null,
    members: new Map(),
    receipts: new Map(),
    typing: [],
    unreadCount: null,
    pending: [],
  }
}

function withOutbox(state: State, items: readonly OutboxItem[]): State {
  const channels = new Map(state.channels)
  for (const [id, known] of channels) {
    const pending = items.filter(({ channelId }) => channelId === id)
    if (pending.length > 0 || known.pending.length > 0) channels.set(id, { ...known, pending })
  }
  return { ...state, channels }
}
