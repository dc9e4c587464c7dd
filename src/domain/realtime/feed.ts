import { topics, type Bus, type Unsubscribe } from '../../live/bus.ts'
import { earlierOf, isBeyond, type Position } from '../../model/cursor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import {
  isDurable,
  type ChannelEvent,
  type ChannelHint,
  type DurableEvent,
  type PassingEvent,
} from '../../model/event.ts'
import { readChannels } from '../../store/channel.ts'
import type { Counter } from '../../store/counter.ts'
import { takeBackDeliveries } from '../../store/delivery.ts'
import type { Db } from '../../store/engine/db.ts'
import { isStatementTimeout } from '../../store/engine/fault.ts'
import { readPositionBefore } from '../../store/history.ts'
import { retryWhileUnavailable, withinMilliseconds } from '../retry.ts'
import type { Share } from '../share.ts'
import type { DeliveryWriter } from './delivery-writer.ts'
import { Group, type Rendering, type Subscriber } from './group.ts'
import type { History } from './history.ts'
import { Progress } from './progress.ts'
import { Replay } from './replay.ts'
import { Typists } from './typists.ts'

interface FeedParts {
  readonly db: Db
  readonly bus: Bus
  readonly history: History
  readonly deliveries: DeliveryWriter
  readonly onError: (error: unknown) => void
}

/** Two processes on one channel reorder hints all the time; a predecessor is mostly this near. */
const earlyMilliseconds = 20

/** More early hints than this are not worth keeping: the store is read anyway. */
const earlyLimit = 1000

/** A refill that finds more, or a gap, is left to the subscribers: each catches up from its own place, at its reader's pace. */
const refillLimit = 500

/** How long a join waits for the bus. Without it hints come late, through the sweep. */
const busMilliseconds = 1000

/**
 * Everything that happens in one channel, in order and without gaps, for all who listen in this process.
 *
 * Hints from the bus are passed on in the order of `seq`: the next at once, an older one never, an early one when its
 * predecessor has come or has been read from the store. The sweep and a reconnect of the bus call `check`, so a hint that
 * was never sent costs seconds and not silence. Nothing here polls.
 */
export class Feed {
  readonly id: string
  readonly progress = new Progress({ index: -1, seq: 0 })
  readonly groups = new Map<string, Group<never>>()
  readonly typists = new Typists((event) => this.#emitToGroups(event, this.progress.position))
  /** Subscribers and joiners; the feed closes with the last of them. */
  holders = 0
  readonly ready: Promise<void>
  /** The channel was deleted, at or before the feed's place: nothing more will come. */
  isOver = false
  readonly #parts: FeedParts
  readonly #early = new Map<number, DurableEvent>()
  #earlyTimer: NodeJS.Timeout | undefined
  /** What the store was found to share with what was told, each time that it was looked at. */
  readonly #floors: Position[] = []
  /** Until when the two are certainly the same; set while it is to be looked at. */
  #sharedUntil: Date | undefined
  #refill: Promise<void> | undefined
  #isReady = false
  #isClosed = false
  #unsubscribe: Unsubscribe | undefined

  constructor(channelId: string, parts: FeedParts) {
    this.id = channelId
    this.#parts = parts
    this.ready = this.#open()
  }

  async #open(): Promise<void> {
    const { bus } = this.#parts
    const subscribed = bus.subscribe(topics.channel(this.id), (hint) => this.#onHint(hint as ChannelHint))
    const settled = subscribed.then(
      (unsubscribe) => {
        this.#unsubscribe = unsubscribe
        if (this.#isClosed) this.#release()
        else this.#publish({ type: 'typingAsked' })
      },
      (error: unknown) => this.#parts.onError(error),
    )
    await withinMilliseconds(settled, busMilliseconds)
    await this.#moveToNow()
    this.#isReady = true
    if (this.#sharedUntil) this.refill()
    else this.#drainEarly()
  }

  async #moveToNow(): Promise<void> {
    const [channel] = await readChannels(this.#parts.db, [this.id])
    if (!channel) throw notFound('the channel', 50300)
    this.progress.moveTo(channel.lastIndex, channel.lastSeq)
    this.isOver = channel.deletedAt !== null
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#earlyTimer)
    this.typists.close()
    this.#early.clear()
    this.#release()
  }

  #release(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  /** Puts a subscriber that has come as far as the feed into its group. */
  attach<Frame>(subscriber: Subscriber<Frame>, rendering: Rendering<Frame>): Group<Frame> {
    let group = this.groups.get(rendering.key) as Group<Frame> | undefined
    if (!group) {
      group = new Group(rendering, this.typists.events, this.#parts.onError)
      this.groups.set(rendering.key, group as Group<never>)
    }
    group.subscribers.add(subscriber)
    return group
  }

  detach<Frame>(subscriber: Subscriber<Frame>, group: Group<Frame>): void {
    group.subscribers.delete(subscriber)
    const { key } = group.rendering
    if (group.subscribers.size === 0 && this.groups.get(key) === (group as unknown)) this.groups.delete(key)
  }

  /** Those whom one would join and who wait for the time of another user catch up by themselves: who joins waits for nobody else's. */
  makeWay(key: string, share: Share | undefined): void {
    const group = this.groups.get(key)
    if (group?.waitsForAnother(share)) group.requestCatchUp()
  }

  /** Who types, as those have been told that a subscriber would join. */
  typingOf(key: string): readonly PassingEvent[] {
    const group = this.groups.get(key)
    return group ? this.typists.latest(group.typing) : this.typists.events
  }

  get counter(): Counter {
    return { id: this.id, lastSeq: this.progress.seq }
  }

  check(lastSeq: number | undefined, knownSeq: number): void {
    if (this.isOver || !this.#isReady) return
    if (lastSeq === undefined || lastSeq < knownSeq) void this.goBack()
    else if (lastSeq > this.progress.seq) this.refill()
  }

  /**
   * Looks how much of what was told the store holds: not all of it after a restore, or when a standby has become the primary before
   * it had everything. Then the feed goes on from where the store is, and its subscribers go back and catch up.
   */
  async goBack(sharedUntil = this.#parts.history.settledAt): Promise<void> {
    if (this.isOver) return
    if (!this.#sharedUntil || sharedUntil < this.#sharedUntil) this.#sharedUntil = sharedUntil
    while (this.#sharedUntil && this.#isReady && !this.#isClosed) {
      this.refill()
      await this.#refill
    }
  }

  /** How often it was looked at; a subscriber that has not taken all of that into account asks for `floorSince`. */
  get floorCount(): number {
    return this.#floors.length
  }

  floorSince(count: number): Position {
    return this.#floors.slice(count).reduce(earlierOf)
  }

  /** Every gap of the bus is one here, and the store knows what is missing. */
  onGap(): void {
    this.refill()
  }

  /**
   * Reads what is missing. Unlike a user's feed it does not run again for hints that come meanwhile: those are kept as early ones, since a
   * busy channel would never come to an end.
   */
  refill(): void {
    if (this.#isClosed || !this.#isReady) return
    let limit = refillLimit
    this.#refill ??= retryWhileUnavailable(
      () => this.#readMissing(limit),
      () => !this.#isClosed,
      (error) => {
        if (isStatementTimeout(error)) limit = Math.ceil(limit / 2)
      },
    )
      .catch((error: unknown) => {
        this.#parts.onError(error)
        // What the store holds is not known, and to go on as if it held all would be silence.
        if (this.#sharedUntil) this.#end(new ChatError('UNAVAILABLE', 'the subscription failed'))
      })
      .finally(() => {
        this.#refill = undefined
        if (this.#sharedUntil) this.refill()
        else if (!this.#isClosed) this.#drainEarly()
      })
  }

  async #readMissing(limit: number): Promise<void> {
    const { db, history } = this.#parts
    if (this.#sharedUntil) return this.#readFloor(this.#sharedUntil)
    const replay = new Replay(db, this.id, this.progress.position, { addedOnly: false })
    const events = await replay.read(limit)
    if (this.#sharedUntil) return
    if (isBeyond(this.progress, replay.progress)) {
      this.#sharedUntil = history.settledAt
      return
    }
    if (!replay.isRoundComplete || events.some(({ event }) => event.type === 'gap')) {
      await this.#jump()
      return
    }
    if (this.#isClosed) return
    // Messages come before the leaving that they may have followed: who has left reads up to its leaving by itself.
    const left = new Set(events.flatMap(({ event }) => (event.type === 'memberLeft' ? event.member.id : [])))
    if (left.size > 0) for (const group of this.groups.values()) group.requestCatchUp(left)
    for (const { event, position } of events) if (event.type !== 'gap') this.#emit(event, position)
    this.progress.moveTo(replay.progress.index, replay.progress.seq)
  }

  async #readFloor(sharedUntil: Date): Promise<void> {
    const { db, deliveries } = this.#parts
    this.#early.clear()
    const place = await readPositionBefore(db, this.id, this.progress.position, sharedUntil)
    if (this.#isClosed) return
    if (!place) return this.#end(notFound('the channel', 50300))
    const isBack = isBeyond(this.progress, place.before)
    if (isBack) {
      await deliveries.forget(this.id)
      await takeBackDeliveries(db, this.id, place.before)
    }
    if (this.#sharedUntil === sharedUntil) this.#sharedUntil = undefined
    this.#floors.push(place.before)
    if (!isBack) return
    this.progress.goBackTo(place.now)
    this.isOver = place.isDeleted
    for (const group of this.groups.values()) group.requestCatchUp()
  }

  #end(reason: ChatError): void {
    this.#sharedUntil = undefined
    this.isOver = true
    for (const group of this.groups.values()) group.endAll(reason)
  }

  async #jump(): Promise<void> {
    await this.#moveToNow()
    for (const group of this.groups.values()) group.requestCatchUp()
  }

  #publish(hint: ChannelHint): void {
    this.#parts.bus.publish(topics.channel(this.id), hint)
  }

  #onHint(event: ChannelHint): void {
    if (this.#isClosed) return
    if (event.type === 'typing') return this.typists.start(event)
    if (event.type === 'typingAsked') return this.typists.answers().forEach((answer) => this.#publish(answer))
    if (!isDurable(event)) return
    // Numbers below may be given anew while it is looked at what the store holds.
    if (event.seq <= this.progress.seq && !this.#sharedUntil) return
    if (this.#isReady && this.#refill === undefined && event.seq === this.progress.seq + 1) {
      this.#pass(event)
      if (this.#early.size > 0) this.#drainEarly()
      return
    }
    if (this.#early.size >= earlyLimit) this.#early.clear()
    this.#early.set(event.seq, event)
    if (this.#isReady) this.#earlyTimer ??= setTimeout(() => this.#onEarlyTimeout(), earlyMilliseconds)
  }

  #onEarlyTimeout(): void {
    this.#earlyTimer = undefined
    this.refill()
  }

  #drainEarly(): void {
    if (this.#refill !== undefined || !this.#isReady) return
    for (;;) {
      const event = this.#early.get(this.progress.seq + 1)
      if (!event) break
      this.#early.delete(event.seq)
      this.#pass(event)
    }
    for (const seq of this.#early.keys()) if (seq <= this.progress.seq) this.#early.delete(seq)
    clearTimeout(this.#earlyTimer)
    // Who still waits, waits for another predecessor than before.
    this.#earlyTimer = this.#early.size === 0 ? undefined : setTimeout(() => this.#onEarlyTimeout(), earlyMilliseconds)
  }

  /** Passes the event of the next `seq` on. */
  #pass(event: DurableEvent): void {
    const index = event.type === 'messageAdded' ? event.message.index : this.progress.index
    this.#emit(event, { index, seq: event.seq })
  }

  #emit(event: DurableEvent, position: Position): void {
    // Before the feed moves: who takes the end of typing for its place and comes back must still get the message.
    if (event.type === 'messageAdded') this.typists.end(event.message.author)
    if (event.type === 'memberLeft') this.typists.end(event.member.identity)
    if (event.type === 'channelRemoved') this.isOver = true
    this.progress.moveTo(position.index, position.seq)
    this.#emitToGroups(event, position)
  }

  #emitToGroups(event: ChannelEvent, position: Position): void {
    for (const group of this.groups.values()) group.emit(event as never, position)
  }
}
