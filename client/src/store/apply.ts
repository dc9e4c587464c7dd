import { applyMembership, joinedChannel } from './apply-membership.ts'
import { applyToChannel, type ChannelChange } from './apply-to-channel.ts'
import { withOne } from './bounded.ts'
import type { Change } from './change.ts'
import { keptItem } from './outbox-item.ts'
import type { ChannelState, OutboxItem, State } from './state.ts'

/** The state after changes; the same object when they say nothing new. The map of channels is copied at most once. */
export function applyAll(state: State, changes: readonly Change[]): State {
  const draft = new Draft(state)
  for (const change of changes) draft.apply(change)
  return draft.state
}

const isOfKnownChannel = (change: Change): change is ChannelChange =>
  'channelId' in change && change.kind !== 'channelGone'

/** A state that is being changed. */
class Draft {
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
    if (isOfKnownChannel(change)) return this.#update(change.channelId, (known) => applyToChannel(known, change))
    switch (change.kind) {
      case 'connection':
        return this.#set({ connection: change.connection })
      case 'session':
        return this.#set({ session: change.session })
      case 'viewerCursor':
        return this.#set({ viewerCursor: change.cursor })
      case 'list': {
        const { isComplete, cursor } = change
        return this.#set({ listStatus: isComplete ? 'complete' : 'partial', listCursor: isComplete ? null : cursor })
      }
      case 'module':
        return this.#set({ modules: { ...this.#state.modules, [change.name]: change.value } })
      case 'invite': {
        const { invite } = change
        if (this.#state.gone.has(invite.id)) return
        return this.#set({ invites: new Map(this.#state.invites).set(invite.id, invite) })
      }
      case 'inviteGone': {
        const invites = new Map(this.#state.invites)
        return this.#set({ gone: withOne(this.#state.gone, change.id), ...(invites.delete(change.id) && { invites }) })
      }
      case 'kept':
        return this.#set({ isKept: change.isKept })
      case 'outbox':
        return this.#setOutbox(change.items)
      case 'joined':
        return this.#join(change)
      case 'membership': {
        const { channelId } = change.membership
        return this.#update(channelId, (known) => applyMembership(known, change))
      }
      case 'channelGone':
        return this.#leave(change.channelId, change.memberId)
    }
  }

  #set(part: Partial<State>): void {
    const state = { ...this.#state, ...part }
    const isSame = (Object.keys(part) as (keyof State)[]).every((name) => this.#state[name] === part[name])
    if (!isSame) this.#state = state
  }

  #update(channelId: string, change: (known: ChannelState) => ChannelState): void {
    const known = this.#state.channels.get(channelId)
    if (!known) return
    const changed = change(known)
    if (changed !== known) this.#channels().set(channelId, changed)
  }

  #join(change: Extract<Change, { kind: 'joined' }>): void {
    const { channel, membership } = change
    const { gone, channels } = this.#state
    if (gone.has(membership.id) || gone.has(channel.id)) return
    const known = channels.get(channel.id)
    const pending = this.#state.outbox.filter(({ channelId }) => channelId === channel.id)
    // Who leaves and joins again is a new member: what it may see begins anew.
    const changed =
      known?.membership.id === membership.id ? applyMembership(known, change) : joinedChannel(change, pending)
    this.#channels().set(channel.id, applyToChannel(changed, { kind: 'channel', channelId: channel.id, channel }))
  }

  #leave(channelId: string, memberId: string | null): void {
    const known = this.#state.channels.get(channelId)
    this.#set({ gone: withOne(this.#state.gone, memberId ?? channelId) })
    if (known && (memberId === null || known.membership.id === memberId)) this.#channels().delete(channelId)
  }

  #setOutbox(items: readonly OutboxItem[]): void {
    const known = new Map(this.#state.outbox.map((item) => [item.id, item]))
    const outbox = items.map((item) => keptItem(known.get(item.id), item))
    if (isSameList(outbox, this.#state.outbox)) return
    this.#set({ outbox })
    const pending = Map.groupBy(outbox, ({ channelId }) => channelId)
    for (const [id, channel] of this.#state.channels) {
      const news = pending.get(id) ?? []
      if (!isSameList(news, channel.pending)) this.#channels().set(id, { ...channel, pending: news })
    }
  }
}

const isSameList = <Item>(one: readonly Item[], other: readonly Item[]): boolean =>
  one.length === other.length && one.every((item, place) => item === other[place])
