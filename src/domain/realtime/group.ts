import type { Position } from '../../model/cursor.ts'
import { ChatError, forbidden, notFound } from '../../model/error.ts'
import {
  isDurable,
  type ChannelEvent,
  type DurableEvent,
  type PassingEvent,
  type ReceiptsEvent,
  type TypingEvent,
} from '../../model/event.ts'
import { limits } from '../../model/limits.ts'
import type { ChannelId, MemberId, UserId } from '../../model/sid.ts'
import type { Share } from '../share.ts'
import type { DeliveryLatency } from './delivery-latency.ts'
import { Progress } from './progress.ts'
import type { Gap } from './replay.ts'
import type { ReadTexts } from './stream-texts.ts'
import { placeOf } from './typists.ts'

/** Where a subscriber's frames are written: one operation of one connection. */
export interface Sink<Frame> {
  write(frame: Frame): void
  /** Resolves when the reader has taken enough of what was written; undefined when it need not be waited for. */
  drained(): Promise<void> | undefined
}

export type FeedEvent = ChannelEvent | Gap

/** How an event reaches a reader. */
export interface EventArrival {
  /** How far the reader has come with it. */
  readonly position: Position
  /** It was read from the store for a reader that is catching up, and is rendered for that one alone. */
  readonly isReplay: boolean
}

/** Makes a frame of an event, shared by all subscribers of a group. */
export interface Rendering<Frame> {
  readonly key: string
  /** The cost of one event. */
  readonly points: number
  wants(type: FeedEvent['type']): boolean
  /** Throws when the frame would contain nothing of the event. `share` counts the time. */
  render(event: FeedEvent, at: EventArrival, share?: Share): Frame | Promise<Frame>
}

export interface DeliveryTarget {
  readonly channelId: ChannelId
  readonly memberId: MemberId
  readonly deviceId: string
  /** Whether its stream delivers all changes and so moves `seq`; a stream of messages moves only the index. */
  readonly everything: boolean
}

/** The owner of a subscriber. */
export interface Reader {
  /** Nothing more will be written. */
  onEnd(reason: ChatError): void
  /** Events were left out: the subscriber must catch up from the store. */
  onCatchUpNeeded(): void
  /** Receipts were left out: the feed is behind the subscriber. */
  onReceiptsMissed(): void
}

/** One reader of one channel. Its progress counts what was written to its sink. */
export class Subscriber<Frame> {
  readonly progress: Progress
  readonly sink: Sink<Frame>
  /** The membership it reads under, if any. The subscriber ends with it. */
  readonly memberId: MemberId | undefined
  readonly userId: UserId | undefined
  /** Counts the time of events rendered for this subscriber alone. */
  readonly share: Share | undefined
  /** Which delivery position its progress moves, if any. */
  readonly delivery: DeliveryTarget | undefined
  readonly #reader: Reader
  ended = false
  /** It was ahead of the feed when it joined its group, and may not have the texts that the others have. */
  lacksTexts = false
  /** It gets the next snapshot of the channel's receipts. */
  awaitsReceipts = false

  constructor(options: {
    from: Position
    sink: Sink<Frame>
    memberId: MemberId | undefined
    userId: UserId | undefined
    share: Share | undefined
    delivery: DeliveryTarget | undefined
    reader: Reader
  }) {
    this.progress = new Progress(options.from)
    this.sink = options.sink
    this.memberId = options.memberId
    this.userId = options.userId
    this.share = options.share
    this.delivery = options.delivery
    this.#reader = options.reader
  }

  requestCatchUp(): void {
    if (!this.ended) this.#reader.onCatchUpNeeded()
  }

  missReceipts(): void {
    this.awaitsReceipts = true
    if (!this.ended) this.#reader.onReceiptsMissed()
  }

  end(reason: ChatError): void {
    if (this.ended) return
    this.ended = true
    this.#reader.onEnd(reason)
  }
}

/** Renders an event in the turn of the one user that it is for, if there is only one. Undefined when it is no longer wanted by then. */
export function renderInTurn<Frame>(
  rendering: Rendering<Frame>,
  event: FeedEvent,
  at: EventArrival,
  share: Share | undefined,
  isWanted: () => boolean,
): Frame | Promise<Frame | undefined> | undefined {
  if (!share) return rendering.render(event, at)
  return share.runPatiently(rendering.points, () => (isWanted() ? rendering.render(event, at, share) : undefined))
}

const endsText = ({ type }: DurableEvent): boolean => type === 'messageFinished' || type === 'messageRemoved'

/** How many events may wait for the time of the one user that they are rendered for. */
const maxPending = 100

interface Pending<Frame> {
  readonly event: ChannelEvent
  readonly position: Position
  frame: Frame | undefined
  ready: boolean
}

/**
 * Subscribers of one selection and one authority. An event is rendered once for all of them. Frames are written in the order of the feed,
 * whichever was rendered first.
 */
export class Group<Frame> {
  readonly subscribers = new Set<Subscriber<Frame>>()
  readonly rendering: Rendering<Frame>
  /** Who types, as all its subscribers know. */
  typing: readonly TypingEvent[]
  /** The texts that are being written, as all its subscribers have them. */
  texts: ReadTexts
  readonly #onError: (error: unknown) => void
  readonly #latency: Pick<DeliveryLatency, 'note'>
  readonly #pending: Pending<Frame>[] = []

  constructor(
    rendering: Rendering<Frame>,
    typing: readonly TypingEvent[],
    texts: ReadTexts,
    onError: (error: unknown) => void,
    latency: Pick<DeliveryLatency, 'note'>,
  ) {
    this.rendering = rendering
    this.typing = typing
    this.texts = texts
    this.#onError = onError
    this.#latency = latency
  }

  /** Resolves when the subscribers have it or go without; undefined when that is so at once. Never rejects. */
  emit(event: ChannelEvent, position: Position): Promise<void> | undefined {
    if (event.type === 'receiptsUpdated' && !this.#isAwaited(event)) return undefined
    const share = this.#soleShare()
    // Reading pages from the store later costs less than events waiting here.
    if (share && event.type !== 'receiptsUpdated' && (share.isSpent || this.#pending.length >= maxPending)) {
      this.requestCatchUp()
      return undefined
    }
    let frame: Frame | Promise<Frame | undefined> | undefined
    try {
      if (this.rendering.wants(event.type)) {
        const at = { position, isReplay: false }
        frame = renderInTurn(this.rendering, event, at, share, () => this.subscribers.size > 0)
      }
    } catch (error) {
      this.#fail(error)
      return undefined
    }
    if (!(frame instanceof Promise)) {
      if (this.#pending.length === 0) this.#deliver(event, position, frame)
      else this.#pending.push({ event, position, frame, ready: true })
      return undefined
    }
    const pending: Pending<Frame> = { event, position, frame: undefined, ready: false }
    this.#pending.push(pending)
    return frame.then(
      (rendered) => {
        pending.frame = rendered
        this.#settle(pending)
      },
      (error: unknown) => {
        this.#fail(error)
        this.#settle(pending)
      },
    )
  }

  /** Catching up ends with a snapshot of receipts, so they must not cause it: they are left out while too much waits. */
  #isAwaited({ isSnapshot }: ReceiptsEvent): boolean {
    if (this.#pending.length >= maxPending) return false
    if (!isSnapshot) return true
    for (const { awaitsReceipts } of this.subscribers) if (awaitsReceipts) return true
    return false
  }

  /** The share of the one user that all subscribers belong to. Events that several users read are charged to nobody. */
  #soleShare(): Share | undefined {
    const [first] = this.subscribers
    if (!first?.share || this.subscribers.size > limits.userSubscriptions) return undefined
    for (const { share } of this.subscribers) if (share !== first.share) return undefined
    return first.share
  }

  /** Whether events wait for the time of a single user with another share. */
  waitsForAnother(share: Share | undefined): boolean {
    if (this.#pending.length === 0) return false
    const sole = this.#soleShare()
    return sole !== undefined && sole !== share
  }

  /** The event cannot be rendered, and going on without it would lose it. */
  #fail(error: unknown): void {
    if (!(error instanceof ChatError)) this.#onError(error)
    this.endAll(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
  }

  endAll(reason: ChatError): void {
    for (const subscriber of this.subscribers) subscriber.end(reason)
  }

  /** Sends subscribers to catch up: all, or those that read under one of these memberships. */
  requestCatchUp(memberIds?: ReadonlySet<MemberId>): void {
    for (const subscriber of this.subscribers) {
      const { memberId } = subscriber
      if (!memberIds || (memberId !== undefined && memberIds.has(memberId))) subscriber.requestCatchUp()
    }
  }

  /**
   * Sends those to catch up that have read on in the store, beyond `after` and not up to `through`. What the feed has read from the one to the other has
   * each thing once: a message that was added and edited is one addition, which they would take for known.
   */
  requestCatchUpBetween(after: number, through: number): void {
    for (const subscriber of this.subscribers) {
      const { seq } = subscriber.progress
      if (seq > after && seq < through) subscriber.requestCatchUp()
    }
  }

  #settle(settled: Pending<Frame>): void {
    settled.ready = true
    while (this.#pending[0]?.ready) {
      const { event, position, frame } = this.#pending.shift()!
      this.#deliver(event, position, frame)
    }
  }

  #deliver(event: ChannelEvent, position: Position, frame: Frame | undefined): void {
    if (!isDurable(event)) {
      if (frame !== undefined) this.#deliverPassing(event, position, frame)
      if (event.type === 'messageAppended') {
        this.texts = new Map(this.texts).set(event.messageId, event.whole)
        return
      }
      if (event.type === 'receiptsUpdated') return
      const place = placeOf(event.typing)
      const others = this.typing.filter(({ typing }) => placeOf(typing) !== place)
      const isStart = event.type === 'typingStarted' || event.type === 'threadTypingStarted'
      this.typing = isStart ? [...others, event] : others
      return
    }
    if ('message' in event && this.texts.has(event.message.id) && endsText(event)) {
      const texts = new Map(this.texts)
      texts.delete(event.message.id)
      this.texts = texts
    }
    let readers = 0
    for (const subscriber of this.subscribers) {
      const { progress } = subscriber
      if (!progress.isNew(event)) continue
      if (subscriber.lacksTexts && event.type === 'messageFinished') {
        subscriber.requestCatchUp()
        continue
      }
      if (frame !== undefined) {
        subscriber.sink.write(frame)
        readers++
      }
      progress.moveTo(position.index, position.seq)
    }
    if (readers > 0 && event.type === 'messageAdded') this.#latency.note(event.message.createdAt, readers)
    if (event.type === 'memberLeft') {
      for (const subscriber of this.subscribers) {
        if (subscriber.memberId === event.member.id)
          subscriber.end(forbidden('no longer a member of the channel', 50400))
      }
    }
    if (event.type === 'channelRemoved') this.endAll(notFound('the channel', 50300))
  }

  #deliverPassing(event: PassingEvent, position: Position, frame: Frame): void {
    for (const subscriber of this.subscribers) {
      const { progress, userId, sink } = subscriber
      const isReceipts = event.type === 'receiptsUpdated'
      if (event.type === 'messageAppended') {
        // What comes until it has taken what it was sent is one piece when it is back.
        if (subscriber.lacksTexts || sink.drained()) {
          subscriber.requestCatchUp()
          continue
        }
      } else if (isReceipts ? event.isSnapshot && !subscriber.awaitsReceipts : userId === event.except) continue
      // A subscriber that has read further must not get an older position: it learns of it at its own.
      if (position.index < progress.index || position.seq < progress.seq) {
        if (isReceipts) subscriber.missReceipts()
        else subscriber.requestCatchUp()
        continue
      }
      if (isReceipts && event.isSnapshot) subscriber.awaitsReceipts = false
      sink.write(frame)
    }
  }
}
