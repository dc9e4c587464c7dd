import { topics, type Bus, type Unsubscribe } from '../../live/bus.ts'
import { earlierOf, isBeyond, type Position } from '../../model/cursor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import {
  isDurable,
  type ChannelEvent,
  type ChannelHint,
  type DurableEvent,
  type MessageAppendedEvent,
  type TextHint,
  type TypingEvent,
} from '../../model/event.ts'
import { readChannelHint } from '../../model/hint.ts'
import type { Receipt } from '../../model/receipt.ts'
import type { ChannelId, MessageId } from '../../model/sid.ts'
import { readChannels } from '../../store/channel.ts'
import type { Counter } from '../../store/counter.ts'
import { takeBackDeliveries } from '../../store/delivery.ts'
import type { Db } from '../../store/engine/db.ts'
import { isStatementTimeout, isUnavailable } from '../../store/engine/fault.ts'
import { readPositionBefore } from '../../store/history.ts'
import { readStreamedTexts } from '../../store/message-stream.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'
import type { Instruments, RefillReason } from '../instruments.ts'
import { retryWhileUnavailable, withinMilliseconds } from '../retry.ts'
import type { Share } from '../share.ts'
import type { DeliveryLatency } from './delivery-latency.ts'
import type { DeliveryWriter } from './delivery-writer.ts'
import { Group, type Rendering, type Subscriber } from './group.ts'
import type { History } from './history.ts'
import { Progress } from './progress.ts'
import type { ReceiptReports } from './receipt-reports.ts'
import { Replay } from './replay.ts'
import { StreamTexts, type ReadTexts } from './stream-texts.ts'
import { Typists } from './typists.ts'

interface FeedParts {
  readonly db: Db
  readonly bus: Bus
  readonly history: History
  readonly deliveries: DeliveryWriter
  readonly receipts: ReceiptReports
  readonly streams: OwnedTexts
  readonly latency: Pick<DeliveryLatency, 'note'>
  readonly instruments: Pick<Instruments, 'refills'>
  readonly onError: (error: unknown) => void
}

/** The texts that this process writes, as feeds see them. */
interface OwnedTexts {
  /** Those of a channel, whole. */
  textsOf(channelId: ChannelId): readonly TextHint[]
  /** A piece of a text was published, perhaps by another process that has taken it over. */
  onText(hint: TextHint): void
  onEvent(channelId: ChannelId, event: DurableEvent): void
}

/** Hints of two processes often change places; the predecessor mostly arrives within this time. */
const earlyMilliseconds = 20

/** How long the owner of a text that streams has to answer. */
const answerMilliseconds = 300

/** Beyond this many early hints, reading the store is cheaper. */
const earlyLimit = 1000

/** When more is missing, or there is a gap, subscribers catch up by themselves, each from its own position and at its reader's pace. */
const refillLimit = 500

/** How long opening waits for the bus, in milliseconds. Without the bus, the sweep finds what happens. */
const busMilliseconds = 1000

/**
 * The events of one channel, in order and without gaps, for all subscribers of this process. Who types is kept by `Typists`, with timers of
 * its own.
 *
 * The bus brings hints in any order. The next `seq` is emitted at once, an older one is dropped, an early one waits until its predecessor
 * has come or was read from the store. What a hint of another version says is read from the store, too. The sweep calls `check` and a reconnect of the bus calls `onGap`, so a lost hint costs seconds.
 * Nothing here polls.
 */
export class Feed {
  readonly id: ChannelId
  readonly progress = new Progress({ index: -1, seq: 0 })
  readonly groups = new Map<string, Group<never>>()
  readonly typists = new Typists((event) => void this.#emitToGroups(event, this.progress.position))
  readonly #texts = new StreamTexts(
    (event) => void this.#emitToGroups(event, this.progress.position),
    (messageId) => this.#askTexts(messageId),
  )
  holders = 0
  readonly ready: Promise<void>
  /** The channel was deleted, at or before the feed's position. */
  isOver = false
  readonly #parts: FeedParts
  readonly #early = new Map<number, DurableEvent>()
  #earlyTimer: NodeJS.Timeout | undefined
  /** A change is to be read from the store that its hint did not bring. */
  #isUnread = false
  /** Up to where the store agreed with what was delivered, each time that this was read. */
  readonly #floors: Position[] = []
  /** Until when the two certainly agree; set while this must be read. */
  #sharedUntil: Date | undefined
  #refill: Promise<void> | undefined
  #isReady = false
  #isClosed = false
  #unsubscribe: Unsubscribe | undefined

  constructor(channelId: ChannelId, parts: FeedParts) {
    this.id = channelId
    this.#parts = parts
    this.ready = this.#open()
  }

  async #open(): Promise<void> {
    const { bus } = this.#parts
    const subscribed = bus.subscribe(topics.channel(this.id), (payload) => this.#onHint(payload))
    const settled = subscribed.then(
      (unsubscribe) => {
        this.#unsubscribe = unsubscribe
        if (this.#isClosed) this.#release()
        else this.#ask()
      },
      (error: unknown) => this.#parts.onError(error),
    )
    await withinMilliseconds(settled, busMilliseconds)
    await this.#moveToNow()
    this.#isReady = true
    if (this.#sharedUntil) this.refill('history')
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
    this.#parts.receipts.forget(this)
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
      const { onError, latency } = this.#parts
      group = new Group(rendering, this.typists.events, this.#texts.emitted, onError, latency)
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

  /** A group that waits for the time of another user is sent to catch up, so that a subscriber who joins it does not wait too. */
  makeWay(key: string, share: Share | undefined): void {
    const group = this.groups.get(key)
    if (group?.waitsForAnother(share)) group.requestCatchUp()
  }

  /** Who types, as the subscribers of the group know. */
  typingOf(key: string): readonly TypingEvent[] {
    const group = this.groups.get(key)
    return group ? this.typists.latest(group.typing) : this.typists.events
  }

  /** For subscribers that wait for the receipts of all members. */
  askReceipts(): void {
    this.#parts.receipts.ask(this)
  }

  emitReceipts(receipts: readonly Receipt[], isSnapshot: boolean): void {
    if (receipts.length === 0) return
    void this.#emitToGroups({ type: 'receiptsUpdated', receipts, isSnapshot }, this.progress.position)
  }

  get counter(): Counter<ChannelId> {
    return { id: this.id, lastSeq: this.progress.seq }
  }

  check(lastSeq: number | undefined, knownSeq: number): void {
    if (this.isOver || !this.#isReady) return
    if (lastSeq === undefined || lastSeq < knownSeq) void this.goBack()
    else if (lastSeq > this.progress.seq) this.refill('sweep')
  }

  /**
   * Reads how much of what was delivered the store holds: less than all after a restore, or when a standby became the primary before it had
   * everything. Then the feed goes on from the store's position, and its subscribers go back and catch up.
   */
  async goBack(sharedUntil = this.#parts.history.settledAt): Promise<void> {
    if (this.isOver) return
    if (!this.#sharedUntil || sharedUntil < this.#sharedUntil) this.#sharedUntil = sharedUntil
    while (this.#sharedUntil && this.#isReady && !this.#isClosed) {
      this.refill('history')
      await this.#refill
    }
  }

  /** How many floors there are. A subscriber that respects fewer calls `floorSince`. */
  get floorCount(): number {
    return this.#floors.length
  }

  floorSince(count: number): Position {
    return this.#floors.slice(count).reduce(earlierOf)
  }

  /** Every gap of the bus is one here, and the store knows what is missing. */
  onGap(): void {
    this.refill('gap')
    if (this.#isReady) this.#publish({ type: 'textsAsked' })
  }

  /**
   * Reads what is missing. Unlike a user's feed it does not run again for hints that come meanwhile: those are kept as early ones, since a
   * busy channel would never come to an end.
   */
  refill(reason: RefillReason): void {
    if (this.#isClosed || !this.#isReady) return
    if (!this.#refill) this.#parts.instruments.refills.add({ feed: 'channel', reason })
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
        // Going on without knowing what the store holds could lose events silently.
        if (this.#sharedUntil) this.#end(new ChatError('UNAVAILABLE', 'the subscription failed'))
      })
      .finally(() => {
        this.#refill = undefined
        if (this.#sharedUntil) this.refill('history')
        else if (!this.#isClosed) this.#drainEarly()
      })
  }

  async #readMissing(limit: number): Promise<void> {
    const { db, history } = this.#parts
    this.#isUnread = false
    // A hint follows its commit, so this read has them all. One that the store does not know is of a history that was lost or of another database: it would
    // be read for without end, and taken for the event that gets its number.
    this.#early.clear()
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
    // A replay has messages before the departures that they may have followed, so members that left read up to their own leaving.
    const left = new Set(events.flatMap(({ event }) => (event.type === 'memberLeft' ? event.member.id : [])))
    if (left.size > 0) for (const group of this.groups.values()) group.requestCatchUp(left)
    for (const group of this.groups.values()) group.requestCatchUpBetween(this.progress.seq, replay.progress.seq)
    for (const { event, position } of events) if (event.type !== 'gap') void this.#emit(event, position)
    this.progress.moveTo(replay.progress.index, replay.progress.seq)
  }

  async #readFloor(sharedUntil: Date): Promise<void> {
    const { db, deliveries } = this.#parts
    const found = await readPositionBefore(db, this.id, this.progress.position, sharedUntil)
    if (this.#isClosed) return
    if (!found) return this.#end(notFound('the channel', 50300))
    const isBack = isBeyond(this.progress, found.before)
    if (isBack) {
      await deliveries.forget(this.id)
      await takeBackDeliveries(db, this.id, found.before)
    }
    if (this.#sharedUntil === sharedUntil) this.#sharedUntil = undefined
    this.#floors.push(found.before)
    if (!isBack) return
    this.progress.goBackTo(found.now)
    this.#texts.clear()
    this.#publish({ type: 'textsAsked' })
    this.isOver = found.isDeleted
    for (const group of this.groups.values()) group.requestCatchUp()
  }

  #end(reason: ChatError): void {
    this.#sharedUntil = undefined
    this.isOver = true
    for (const group of this.groups.values()) group.endAll(reason)
  }

  async #jump(): Promise<void> {
    await this.#moveToNow()
    // Some of them may have ended.
    this.#texts.clear()
    this.#publish({ type: 'textsAsked' })
    for (const group of this.groups.values()) group.requestCatchUp()
  }

  /** What is not stored, present processes know. */
  #ask(): void {
    this.#publish({ type: 'typingAsked' })
    this.#publish({ type: 'textsAsked' })
  }

  /** A piece is missing. Where its owner does not answer, what is stored has to do. */
  #askTexts(messageId: MessageId): void {
    this.#publish({ type: 'textsAsked' })
    const timer = setTimeout(() => {
      if (this.#isClosed || !this.#texts.isAsked(messageId)) return
      this.#restoreText(messageId).catch((error: unknown) => {
        if (!isUnavailable(error)) this.#parts.onError(error)
      })
    }, answerMilliseconds)
    timer.unref()
  }

  async #restoreText(messageId: MessageId): Promise<void> {
    const stored = await readStreamedTexts(this.#parts.db, [{ channelId: this.id, messageId }])
    if (!this.#isClosed) this.#texts.restore(messageId, stored.get(messageId))
  }

  /** What leads a reader from the texts that it knows to those that the group's subscribers have. */
  textsSince(known: ReadTexts, key: string): readonly MessageAppendedEvent[] {
    return this.#texts.since(known, this.groups.get(key)?.texts ?? this.#texts.emitted)
  }

  #publish(hint: ChannelHint): void {
    this.#parts.bus.publish(topics.channel(this.id), hint)
  }

  #onHint(payload: unknown): void {
    if (this.#isClosed) return
    const event = readChannelHint(payload)
    if (!event) return
    if (event.type === 'typing') return this.typists.start(event)
    if (event.type === 'typingAsked') return this.typists.answers().forEach((answer) => this.#publish(answer))
    if (event.type === 'text') {
      this.#parts.streams.onText(event)
      return this.#texts.take(event, this.progress.index)
    }
    if (event.type === 'textsAsked') {
      return this.#parts.streams.textsOf(this.id).forEach((text) => this.#publish(text))
    }
    if (event.type === 'receiptsMoved') {
      const groups = Array.from(this.groups.values())
      if (groups.some(({ rendering }) => rendering.wants('receiptsUpdated')))
        this.#parts.receipts.move(this, event.of, event.memberIds)
      return
    }
    if (event.type !== 'unreadable' && !isDurable(event)) return
    // After the database went back, lower numbers are given again.
    if (event.seq <= this.progress.seq && !this.#sharedUntil) return
    if (event.type === 'unreadable') {
      this.#isUnread = true
      return this.#awaitEarly()
    }
    if (this.#isReady && this.#refill === undefined && event.seq === this.progress.seq + 1) {
      this.#pass(event)
      if (this.#early.size > 0) this.#drainEarly()
      return
    }
    if (this.#early.size >= earlyLimit) this.#early.clear()
    this.#early.set(event.seq, event)
    this.#awaitEarly()
  }

  #awaitEarly(): void {
    if (this.#isReady) this.#earlyTimer ??= setTimeout(() => this.#onEarlyTimeout(), earlyMilliseconds)
  }

  #onEarlyTimeout(): void {
    this.#earlyTimer = undefined
    this.refill(this.#isUnread ? 'unreadable' : 'missing')
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
    // Those that still wait have a new predecessor, and so a new timeout.
    this.#earlyTimer = undefined
    if (this.#early.size > 0 || this.#isUnread) this.#awaitEarly()
  }

  /** Emits the event of the next `seq`. */
  #pass(event: DurableEvent): void {
    const index = event.type === 'messageAdded' ? event.message.index : this.progress.index
    const position = { index, seq: event.seq }
    if (tracing === undefined) void this.#emit(event, position)
    else void this.#trace(tracing, event, position)
  }

  /** One span for all readers of this process. */
  #trace(by: Tracing, event: DurableEvent & { readonly traceparent?: unknown }, position: Position): unknown {
    const groups = Array.from(this.groups.values())
    const attributes = {
      'fonechat.event': event.type,
      'fonechat.channel': this.id,
      'fonechat.groups': groups.length,
      'fonechat.subscribers': groups.reduce((sum, { subscribers }) => sum + subscribers.size, 0),
    }
    return by.below(event.traceparent, 'fan out', { role: 'consumer', attributes }, () => this.#emit(event, position))
  }

  /** Where traces are on: resolves when all groups have it; undefined when they have it at once. */
  #emit(event: DurableEvent, position: Position): Promise<unknown> | undefined {
    // Before the feed moves: a reader that resumes from the cursor of `typingEnded` must still get the message.
    if (event.type === 'messageAdded') this.typists.endAt(event.message.author, event.message.parentIndex)
    if (event.type === 'memberLeft') this.typists.endAll(event.member.identity)
    if (event.type === 'channelRemoved') this.isOver = true
    this.#parts.streams.onEvent(this.id, event)
    if (event.type === 'messageFinished') this.#texts.end(event.message)
    if (event.type === 'messageRemoved') this.#texts.delete(event.message.id)
    if (event.type === 'channelTruncated') this.#texts.deleteBelow(event.truncation.channel.firstIndex)
    this.progress.moveTo(position.index, position.seq)
    const emitted = this.#emitToGroups(event, position)
    if (event.type === 'messageAdded') this.#texts.begin(event.message)
    return emitted
  }

  #emitToGroups(event: ChannelEvent, position: Position): Promise<unknown> | undefined {
    let pending: Promise<void>[] | undefined
    for (const group of this.groups.values()) {
      const emitted = group.emit(event as never, position)
      // Nobody else waits for it.
      if (emitted && tracing !== undefined) (pending ??= []).push(emitted)
    }
    return pending && Promise.all(pending)
  }
}
