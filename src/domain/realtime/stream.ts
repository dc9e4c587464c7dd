import type { Actor, Audience, Backend, UserActor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import { earlierOf, isBeyond, laterOf, origin, parseCursor, type Cursor, type Position } from '../../model/cursor.ts'
import { ChatError, badInput, forbidden, notFound } from '../../model/error.ts'
import type { UserHint } from '../../model/event.ts'
import type { ChannelId, MemberId, ServiceId, UserId } from '../../model/sid.ts'
import { readChannels } from '../../store/channel.ts'
import { memberRow, startDeliveries, type DeliveryStart } from '../../store/delivery.ts'
import { readPositionBefore } from '../../store/history.ts'
import { requireMembership, userDeleted } from '../access/authority.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { Lease, Share } from '../share.ts'
import { ChannelSubscription } from './channel-subscription.ts'
import type { DeliveryTarget, Rendering, Sink, Subscriber } from './group.ts'
import type { UserFeed } from './user-feed.ts'

/** The request of a subscription. */
export interface StreamRequest {
  /** SID or unique name; without one, all of the caller's channels, now and as it joins and leaves them. */
  readonly channelId?: string | null | undefined
  /** Cursor of what has been seen; only together with `channelId`. */
  readonly after?: string | null | undefined
  /** The same for each of several channels, when there is no `channelId`. */
  readonly positions?: readonly { readonly channelId: ChannelId; readonly after: string }[] | null | undefined
  /**
   * What it delivers. `messages` begins with what is queued and moves the delivery position; `everything` adds all other changes; `live`
   * begins now and moves nothing.
   */
  readonly mode: 'messages' | 'everything' | 'live'
}

/** Where a stream begins in one channel. */
export interface StreamStart {
  readonly channel: Pick<Channel, 'id' | 'serviceId'>
  readonly position: Position
}

export interface StreamOptions<Frame> {
  readonly request: StreamRequest
  /** How events of a channel become frames, under the authority given. */
  rendering(channel: Pick<Channel, 'id' | 'serviceId'>, authority: Backend | Audience): Rendering<Frame>
  readonly sink: Sink<Frame>
  /** Counts the time of events rendered for this stream alone. */
  readonly share?: Share | undefined
  /** Ends with the stream. */
  readonly lease?: Lease | undefined
  /** Called once all channels are listened to, before anything is written. */
  readonly onReady?: ((starts: readonly StreamStart[]) => Promise<void>) | undefined
  /** The stream is over; `reason` says why it could not go on. */
  readonly onEnd: (reason: ChatError) => void
}

/** Channels of a stream that catch up at a time. The others wait, so that the first are live before the last are read. */
const catchingUp = 50

/**
 * An open subscription: one channel, or all channels of a user, which come and go with its memberships.
 */
export class Stream<Frame> {
  readonly #app: App
  readonly #actor: Backend | UserActor
  readonly #mode: StreamRequest['mode']
  readonly #rendering: StreamOptions<Frame>['rendering']
  readonly #sink: Sink<Frame>
  readonly #share: Share | undefined
  readonly #lease: Lease | undefined
  readonly #onEnd: StreamOptions<Frame>['onEnd']
  /** Those of one channel in the order in which they were joined. A list: most have one, and a set takes four times the memory. */
  #subscriptions: readonly ChannelSubscription<Frame>[] = []
  /** Joins are read one after the other, so a membership never comes before an earlier one of the same channel. */
  #joining: Promise<void> | undefined
  #userFeed: UserFeed | undefined
  #watchedServiceId: string | undefined
  /** What happened to the user while the stream was starting; undefined once it has started. */
  #earlyEvents: UserHint[] | undefined
  #isClosed = false

  private constructor(
    app: App,
    actor: Backend | UserActor,
    { request, rendering, sink, share, lease, onEnd }: Omit<StreamOptions<Frame>, 'onReady'>,
  ) {
    this.#app = app
    this.#actor = actor
    this.#mode = request.mode
    this.#rendering = rendering
    this.#sink = sink
    this.#share = share
    this.#lease = lease
    this.#onEnd = onEnd
  }

  /**
   * Throws what the caller may not have. Otherwise resolves as soon as all channels are listened to; events follow.
   */
  static async open<Frame>(app: App, actor: Actor, options: StreamOptions<Frame>): Promise<Stream<Frame>> {
    if (actor.kind === 'audience') throw forbidden('an audience cannot subscribe')
    const stream = new Stream(app, actor, options)
    try {
      stream.#watch(await stream.#start(actor, options))
    } catch (error) {
      stream.close()
      throw error
    }
    return stream
  }

  /** The subscribers whose progress counts as delivery. */
  *subscribers(): Iterable<Subscriber<Frame>> {
    for (const { subscriber } of this.#subscriptions) if (subscriber?.delivery) yield subscriber
  }

  /** Returns the service of the stream. */
  async #start(
    actor: Backend | UserActor,
    { request, onReady }: Pick<StreamOptions<Frame>, 'request' | 'onReady'>,
  ): Promise<ServiceId> {
    if (request.channelId != null) {
      if (request.positions != null)
        throw badInput('positions cannot be used together with channelId; use after', 'positions')
      const named = request.channelId
      const { channel } = await requireMembership(this.#app, actor, named, 'batched')
      const after = request.after == null ? undefined : await this.#sharedOf(channel.id, request.after, 'after')
      if (actor.kind === 'backend') {
        await this.#run([{ channel, from: after?.shared, seen: after?.lost, memberId: undefined }], onReady)
        return channel.serviceId
      }
      const seen = new Map(after && [[channel.id, after]])
      await this.#run(await this.#memberStarts(actor, channel.id, seen, [channel]), onReady)
      return actor.serviceId
    }
    if (request.after != null) throw badInput('after needs a channelId', 'after')
    if (actor.kind === 'backend') throw badInput('the backend must name a channelId', 'channelId')
    const positions = new Map<ChannelId, Seen>()
    for (const { channelId, after } of request.positions ?? []) {
      positions.set(channelId, await this.#sharedOf(channelId, after, 'positions'))
    }
    this.#userFeed = await this.#app.userFeeds.hold(actor.userId)
    if (this.#userFeed.isOver) throw userDeleted()
    this.#earlyEvents = []
    this.#userFeed.addListener(this)
    await this.#run(await this.#memberStarts(actor, undefined, positions), onReady)
    const earlyEvents = this.#earlyEvents
    this.#earlyEvents = undefined
    for (const event of earlyEvents) this.onUserEvent(event)
    return actor.serviceId
  }

  /** What a cursor says was seen; of what was seen in an older history, as much as the present one shares. */
  async #sharedOf(channelId: ChannelId, cursor: string, field: string): Promise<Seen> {
    const { db, history } = this.#app
    const seen: Cursor = parseCursor(channelId, cursor, field)
    const until = seen.history === undefined ? undefined : history.sharedUntil(seen.history)
    const found = until && (await readPositionBefore(db, channelId, seen, until))
    if (!found || !isBeyond(seen, found.before)) return { shared: seen, lost: undefined }
    return { shared: earlierOf(seen, found.before), lost: seen }
  }

  /** A deletion before this moment is found by the sweep. */
  #watch(serviceId: ServiceId): void {
    if (this.#isClosed) return
    this.#watchedServiceId = serviceId
    this.#app.deletionWatch.watch(serviceId, this)
  }

  onDeleted(): void {
    this.close()
    this.#onEnd(notFound('the service', 50050))
  }

  /** Where delivery to this user's device goes on: the later of its own position and the cursor it brings. */
  async #memberStarts(
    actor: UserActor,
    channelId: ChannelId | undefined,
    seen: ReadonlyMap<ChannelId, Seen>,
    known?: readonly Channel[],
  ): Promise<Start[]> {
    const delivers = this.#mode !== 'live'
    const device = delivers ? (actor.deviceId ?? memberRow) : memberRow
    const { db, catchUps } = this.#app
    const starts =
      channelId === undefined
        ? await catchUps.run(() => startDeliveries(db, actor.userId, device))
        : [await this.#memberStart(actor.userId, channelId, device)]
    const ids = starts.map((start) => start.channelId)
    const channels = known ?? (await catchUps.run(() => readChannels(db, ids)))
    const byId = new Map(channels.map((channel) => [channel.id, channel]))
    // What the caller names first is what it shows: it comes first.
    const places = new Map([...seen.keys()].map((id, place) => [id, place]))
    const placeOf = (start: { readonly channelId: ChannelId }): number => places.get(start.channelId) ?? places.size
    const sorted = starts.toSorted((one, other) => placeOf(one) - placeOf(other))
    return sorted.flatMap((start) => {
      const channel = byId.get(start.channelId)
      if (!channel || channel.deletedAt) return []
      const { memberId, position } = start
      const { shared = origin, lost } = seen.get(start.channelId) ?? {}
      return delivers
        ? { channel, memberId, from: laterOf(position, shared), seen: lost }
        : { channel, memberId, from: undefined, seen: undefined }
    })
  }

  async #memberStart(userId: UserId, channelId: ChannelId, deviceId: string): Promise<DeliveryStart> {
    const start = await this.#app.reconnectReads.devices.read({ userId, channelId, deviceId })
    if (!start) throw forbidden('not a member of the channel', 50400)
    return start
  }

  async #run(starts: Start[], onReady: StreamOptions<Frame>['onReady']): Promise<void> {
    const subscriptions = this.#subscribe(starts)
    await Promise.all(subscriptions.map((subscription) => subscription.listen()))
    if (this.#isClosed) return
    await onReady?.(
      starts.map(({ channel }, at) => ({
        channel,
        position: subscriptions[at]!.subscriber?.progress.position ?? origin,
      })),
    )
    const waiting = subscriptions.values()
    const catchUp = async (): Promise<void> => {
      for (const subscription of waiting) await subscription.catchUp()
    }
    for (let lane = 0; lane < catchingUp; lane++) void catchUp()
  }

  #subscribe(starts: readonly Start[]): readonly ChannelSubscription<Frame>[] {
    const subscriptions = starts.map((start) => this.#toSubscription(start))
    this.#subscriptions = [...this.#subscriptions, ...subscriptions]
    return subscriptions
  }

  #toSubscription({ channel, from, seen, memberId }: Start): ChannelSubscription<Frame> {
    const actor = this.#actor
    const isUser = actor.kind === 'user'
    const authority = isUser
      ? ({ kind: 'audience', serviceId: channel.serviceId, channelId: channel.id } as const)
      : actor
    const delivery: DeliveryTarget | undefined =
      isUser && memberId !== undefined && this.#mode !== 'live'
        ? {
            channelId: channel.id,
            memberId,
            deviceId: actor.deviceId ?? memberRow,
            everything: this.#mode === 'everything',
          }
        : undefined
    return new ChannelSubscription<Frame>(this.#app, this.#rendering(channel, authority), {
      channelId: channel.id,
      from,
      seen,
      memberId,
      userId: isUser ? actor.userId : undefined,
      addedOnly: this.#mode === 'messages',
      // For all channels that would be many, most of them unread.
      receiptsFirst: this.#userFeed === undefined,
      share: this.#share,
      delivery,
      sink: this.#sink,
      stream: this,
    })
  }

  onChannelEnd(subscription: ChannelSubscription<Frame>, reason: ChatError): void {
    const wasFirst = this.#isFirst(subscription)
    this.#subscriptions = this.#subscriptions.filter((known) => known !== subscription)
    // A stream of all channels goes on without those that were left or deleted; anything else ends it.
    const isExpected = reason.code === 'FORBIDDEN' || reason.chatCode === 50300
    if (!this.#userFeed || !isExpected) {
      this.close()
      this.#onEnd(reason)
    } else if (wasFirst) {
      void this.#subscriptions.find(({ channelId }) => channelId === subscription.channelId)?.catchUp()
    }
  }

  /** Events of one channel keep their order: a new membership is read when the one before has been delivered to its end. */
  #isFirst(subscription: ChannelSubscription<Frame>): boolean {
    return this.#subscriptions.find(({ channelId }) => channelId === subscription.channelId) === subscription
  }

  /** `left` needs nothing here: the channel's own feed delivers the leaving, in the order of its messages. */
  onUserEvent(event: UserHint): void {
    if (this.#isClosed || this.#actor.kind !== 'user') return
    if (this.#earlyEvents) this.#earlyEvents.push(event)
    else if (event.type === 'joined') {
      if (!this.#isReading(event.memberId)) this.#join(this.#actor, event.channelId)
    } else if (event.type === 'wentBack' && !event.isGone) {
      this.#join(this.#actor, undefined)
    } else if (event.type === 'userDeleted' || event.type === 'wentBack') {
      this.close()
      this.#onEnd(userDeleted())
    }
  }

  /** Reads a channel that was joined, or all that are not being read. */
  #join(actor: UserActor, channelId: ChannelId | undefined): void {
    this.#joining = (this.#joining ?? Promise.resolve()).then(() => this.#lookUp(actor, channelId))
  }

  async #lookUp(actor: UserActor, channelId: ChannelId | undefined): Promise<void> {
    try {
      const starts = await retryWhileUnavailable(
        () => this.#memberStarts(actor, channelId, new Map()),
        () => !this.#isClosed,
      )
      if (!starts || this.#isClosed) return
      // The membership found may be later than the one in the event, and already be read.
      const subscriptions = this.#subscribe(starts.filter(({ memberId }) => !this.#isReading(memberId)))
      for (const subscription of subscriptions) void this.#follow(subscription)
    } catch (error) {
      // It was left again, or deleted, at once.
      if (error instanceof ChatError) return
      this.#app.logger.error({ err: error }, 'a joined channel cannot be read')
      this.close()
      this.#onEnd(new ChatError('UNAVAILABLE', 'the subscription failed'))
    }
  }

  async #follow(subscription: ChannelSubscription<Frame>): Promise<void> {
    try {
      await subscription.listen()
    } catch (error) {
      subscription.fail(error)
      return
    }
    if (this.#isFirst(subscription)) void subscription.catchUp()
  }

  /**
   * By membership, not by channel: after leaving and joining again both are here until the first has been delivered to its end.
   */
  #isReading(memberId: MemberId | undefined): boolean {
    return this.#subscriptions.some((known) => known.memberId === memberId)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#lease?.end()
    if (this.#watchedServiceId !== undefined) this.#app.deletionWatch.unwatch(this.#watchedServiceId, this)
    if (this.#userFeed) {
      this.#userFeed.removeListener(this)
      this.#app.userFeeds.release(this.#userFeed)
    }
    for (const subscription of this.#subscriptions) subscription.close()
    this.#subscriptions = []
  }
}

interface Start {
  readonly channel: Pick<Channel, 'id' | 'serviceId'>
  readonly from: Position | undefined
  readonly seen: Position | undefined
  readonly memberId: MemberId | undefined
}

interface Seen {
  readonly shared: Position
  /** All that was seen, when that is more. */
  readonly lost: Position | undefined
}
