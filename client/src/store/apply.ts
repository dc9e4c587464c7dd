import { applyMembership, joinedChannel } from './apply-membership.ts'
import { applyToChannel, type ChannelChange } from './apply-to-channel.ts'
import { withOne } from './bounded.ts'
import type { Change } from './change.ts'
import { isOfOneHistory, viewerSeqOf } from './cursor.ts'
import { heardOfChannel, isJoining, type Heard } from './heard.ts'
import { keptItem } from './outbox-item.ts'
import type { ChannelState, OutboxItem, State } from './state.ts'

/** The state after changes; the same object when they say nothing new. The map of channels is copied at most once. */
export function applyAll(
  state: State,
  changes: readonly Change[],
): { readonly state: State; readonly heard: readonly Heard[] } {
  const draft = new Draft(state)
  for (const change of changes) draft.apply(change)
  return draft
}

const isOfKnownChannel = (change: Change): change is ChannelChange =>
  'channelId' in change && change.kind !== 'channelGone'

/** A state that is being changed. */
class Draft {
  readonly heard: Heard[] = []
  #state: State
  #isCopied = false
  readonly #channels: () => Map<string, ChannelState>

  constructor(state: State) {
    this.#state = state
    this.#channels = () => {
      if (!this.#isCopied) this.#state = { ...this.#state, channels: new Map(this.#state.channels) }
      this.#isCopied = true
      return this.#state.channels as Map<string, ChannelState>
    }
  }

  /** Not to be kept while the draft goes on. */
  get state(): State {
    return this.#state
  }

  apply(change: Change): void {
    if (isOfKnownChannel(change))
      return this.#update(change, change.channelId, (known) => applyToChannel(known, change))
    switch (change.kind) {
      case 'connection':
        if (change.connection !== this.#state.connection)
          this.heard.push({ name: 'connectionState', connection: change.connection })
        return this.#set({ connection: change.connection })
      case 'session':
        return this.#set({ session: change.session, clockAhead: change.clockAhead ?? this.#state.clockAhead })
      case 'viewerCursor':
        return this.#moveViewer(change.cursor)
      case 'list': {
        const { isComplete, cursor } = change
        return this.#set({ listStatus: isComplete ? 'complete' : 'partial', listCursor: isComplete ? null : cursor })
      }
      case 'module': {
        const { name, at, value } = change
        const { modules } = this.#state
        if ((modules[name]?.at ?? 0) > at) return
        return this.#set({ modules: { ...modules, [name]: { at, value } } })
      }
      case 'invite': {
        const { invite } = change
        if (this.#state.gone.has(invite.id) || this.#state.invites.has(invite.id)) return
        this.heard.push({ name: 'invite', invite })
        return this.#set({ invites: new Map(this.#state.invites).set(invite.id, invite) })
      }
      case 'inviteGone': {
        const invites = new Map(this.#state.invites)
        if (invites.delete(change.id)) this.heard.push({ name: 'inviteEnded', id: change.id })
        const gone = withOne(this.#state.gone, change.id)
        return this.#set(invites.size < this.#state.invites.size ? { gone, invites } : { gone })
      }
      case 'kept':
        return this.#set({ isKept: change.isKept })
      case 'outbox':
        return this.#setOutbox(change.items)
      case 'joined':
        return this.#join(change)
      case 'membership': {
        const { channelId } = change.membership
        return this.#update(change, channelId, (known) => applyMembership(known, this.#inHistory(change)))
      }
      case 'channelGone':
        return this.#leave(change.channelId, change.memberId)
    }
  }

  /** Events that have gone back have lost some: what is known of memberships is then older than whatever is read. */
  #moveViewer(viewerCursor: string | null): void {
    const hasGoneBack = viewerSeqOf(viewerCursor) < viewerSeqOf(this.#state.viewerCursor)
    this.#set({ viewerCursor })
    if (!hasGoneBack) return
    for (const [id, channel] of this.#channels())
      this.#channels().set(id, { ...channel, counted: { ...channel.counted, seq: -1 } })
  }

  /**
   * What was asked for before the server lost data is as of a number that will come again: it is older than whatever is read since. An event
   * never is, since the stream first says that it has gone back.
   */
  #inHistory<Reading extends { readonly asOf: string | null }>(reading: Reading): Reading {
    const { viewerCursor } = this.#state
    const isOther = viewerCursor !== null && reading.asOf !== null && !isOfOneHistory(viewerCursor, reading.asOf)
    return isOther ? { ...reading, asOf: null } : reading
  }

  #set(part: Partial<State>): void {
    const state = { ...this.#state, ...part }
    const isSame = (Object.keys(part) as (keyof State)[]).every((name) => this.#state[name] === part[name])
    if (!isSame) this.#state = state
  }

  #update(change: Change, channelId: string, toChanged: (known: ChannelState) => ChannelState): void {
    const known = this.#state.channels.get(channelId)
    if (!known) return
    const changed = toChanged(known)
    this.heard.push(...heardOfChannel(change, known, changed))
    if (changed !== known) this.#channels().set(channelId, changed)
  }

  #join(change: Extract<Change, { kind: 'joined' }>): void {
    const { channel, membership, readAt } = change
    const { gone, channels } = this.#state
    if (gone.has(membership.id) || gone.has(channel.id)) return
    const known = channels.get(channel.id)
    const pending = this.#state.outbox.filter(({ channelId }) => channelId === channel.id)
    const reading = this.#inHistory(change)
    // Who leaves and joins again is a new member: what it may see begins anew.
    const changed =
      known?.membership.id === membership.id ? applyMembership(known, reading) : joinedChannel(reading, pending)
    const merged = applyToChannel(changed, { kind: 'channel', channelId: channel.id, channel, readAt })
    if (merged !== known) this.#channels().set(channel.id, merged)
    if (isJoining(change, this.#state.viewerCursor)) this.heard.push({ name: 'channelJoined', channelId: channel.id })
  }

  #leave(channelId: string, memberId: string | null): void {
    const known = this.#state.channels.get(channelId)
    this.#set({ gone: withOne(this.#state.gone, memberId ?? channelId) })
    if (!known || (memberId !== null && known.membership.id !== memberId)) return
    this.#channels().delete(channelId)
    this.heard.push({ name: 'channelLeft', channelId, channel: known.channel })
  }

  #setOutbox(items: readonly OutboxItem[]): void {
    const known = new Map(this.#state.outbox.map((item) => [item.id, item]))
    const outbox = items.map((item) => keptItem(known.get(item.id), item))
    if (isSameList(outbox, this.#state.outbox)) return
    this.#set({ outbox })
    const pending = new Map<string, OutboxItem[]>()
    for (const item of outbox) {
      const ofChannel = pending.get(item.channelId)
      if (ofChannel) ofChannel.push(item)
      else pending.set(item.channelId, [item])
    }
    for (const [id, channel] of this.#state.channels) {
      const news = pending.get(id) ?? []
      if (!isSameList(news, channel.pending)) this.#channels().set(id, { ...channel, pending: news })
    }
  }
}

const isSameList = <Item>(one: readonly Item[], other: readonly Item[]): boolean =>
  one.length === other.length && one.every((item, place) => item === other[place])
