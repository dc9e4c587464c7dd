import type { Position } from '../../model/cursor.ts'
import { ChatError, forbidden, notFound } from '../../model/error.ts'
import { isDurable, type ChannelEvent, type PassingEvent } from '../../model/event.ts'
import { limits } from '../../model/limits.ts'
import type { Share } from '../share.ts'
import { Progress } from './progress.ts'
import type { Gap } from './replay.ts'

/** Where a subscriber's frames go: one operation on one socket. */
export interface Sink<Frame> {
  write(frame: Frame): void
  /** Resolves when the reader has taken enough of what was written; undefined when there is nothing to wait for. */
  drained(): Promise<void> | undefined
}

export type FeedEvent = ChannelEvent | Gap

/** How an event reaches a reader. */
export interface EventPlace {
  /** How far the reader has come with it. */
  readonly position: Position
  /** It was read from the store for a reader that is catching up, and is rendered for that one alone. */
  readonly isReplay: boolean
}

/** What a group makes of an event: a frame that all its subscribers can share. */
export interface Rendering<Frame> {
  readonly key: string
  /** Of one event. */
  readonly points: number
  wants(type: FeedEvent['type']): boolean
  /** Throws when nothing of the event is left: a ChatError says why. `share` counts the time it takes. */
  render(event: FeedEvent, at: EventPlace, share?: Share): Frame | Promise<Frame>
}

export interface DeliveryTarget {
  readonly channelId: string
  readonly memberId: string
  readonly deviceId: string
  /** Added messages alone move the index; a stream of everything moves the `seq` too. */
  readonly everything: boolean
}

/** Who is behind a subscriber. */
export interface Reader {
  /** Nothing more will be written. */
  onEnd(reason: ChatError): void
  /** The feed has jumped; what lies between must be read from the store. */
  onCatchUpNeeded(): void
}

/** One reader of one channel. Its progress counts what was written to its sink. */
export class Subscriber<Frame> {
  readonly progress: Progress
  readonly sink: Sink<Frame>
  /** The membership it reads under, if any: it ends with it. */
  readonly memberId: string | undefined
  readonly userId: string | undefined
  /** Counts the time of events that are rendered for it alone. */
  readonly share: Share | undefined
  /** Which delivery position its progress moves, if any. */
  readonly delivery: DeliveryTarget | undefined
  readonly #reader: Reader
  ended = false

  constructor(options: {
    from: Position
    sink: Sink<Frame>
    memberId: string | undefined
    userId: string | undefined
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

  end(reason: ChatError): void {
    if (this.ended) return
    this.ended = true
    this.#reader.onEnd(reason)
  }
}

/** Renders an event on the time of the one user that it is for, if there is one; nothing when nobody wants it any more by its turn. */
export function renderInTurn<Frame>(
  rendering: Rendering<Frame>,
  event: FeedEvent,
  at: EventPlace,
  share: Share | undefined,
  isWanted: () => boolean,
): Frame | Promise<Frame | undefined> | undefined {
  if (!share) return rendering.render(event, at)
  return share.runPatiently(rendering.points, () => (isWanted() ? rendering.render(event, at, share) : undefined))
}

/** Events that may wait for their turn within the time of the one user that they are rendered for. */
const maxPending = 100

interface Pending<Frame> {
  readonly event: ChannelEvent
  readonly position: Position
  frame: Frame | undefined
  ready: boolean
}

/**
 * Subscribers that read the same with the same authority: an event is rendered once for all of them. Frames leave in the
 * order of the feed, whichever was rendered first.
 */
export class Group<Frame> {
  readonly subscribers = new Set<Subscriber<Frame>>()
  readonly rendering: Rendering<Frame>
  /** Who types, as all of them have been told. */
  typing: readonly PassingEvent[]
  readonly #onError: (error: unknown) => void
  readonly #pending: Pending<Frame>[] = []

  constructor(rendering: Rendering<Frame>, typing: readonly PassingEvent[], onError: (error: unknown) => void) {
    this.rendering = rendering
    this.typing = typing
    this.#onError = onError
  }

  emit(event: ChannelEvent, position: Position): void {
    const share = this.#soleShare()
    // When it has time again it reads pages from the store, which costs less than what would wait here.
    if (share && (share.isSpent || this.#pending.length >= maxPending)) return this.requestCatchUp()
    let frame: Frame | Promise<Frame | undefined> | undefined
    try {
      if (this.rendering.wants(event.type)) {
        const at = { position, isReplay: false }
        frame = renderInTurn(this.rendering, event, at, share, () => this.subscribers.size > 0)
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    if (!(frame instanceof Promise)) {
      if (this.#pending.length === 0) this.#deliver(event, position, frame)
      else this.#pending.push({ event, position, frame, ready: true })
      return
    }
    const pending: Pending<Frame> = { event, position, frame: undefined, ready: false }
    this.#pending.push(pending)
    frame.then(
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

  /** The share of the user that all subscribers belong to. Nobody is charged for an event that several users read. */
  #soleShare(): Share | undefined {
    const [first] = this.subscribers
    if (!first?.share || this.subscribers.size > limits.userSubscriptions) return undefined
    for (const { share } of this.subscribers) if (share !== first.share) return undefined
    return first.share
  }

  /** Whether events wait for the time of one user who has another share than this. */
  waitsForAnother(share: Share | undefined): boolean {
    if (this.#pending.length === 0) return false
    const sole = this.#soleShare()
    return sole !== undefined && sole !== share
  }

  /** The event cannot be rendered: to go on after it would be to lose it. */
  #fail(error: unknown): void {
    if (!(error instanceof ChatError)) this.#onError(error)
    this.endAll(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
  }

  endAll(reason: ChatError): void {
    for (const subscriber of this.subscribers) subscriber.end(reason)
  }

  /** Lets subscribers catch up by themselves: all, or those that read under one of these memberships. */
  requestCatchUp(memberIds?: ReadonlySet<string>): void {
    for (const subscriber of this.subscribers) {
      const { memberId } = subscriber
      if (!memberIds || (memberId !== undefined && memberIds.has(memberId))) subscriber.requestCatchUp()
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
      const isOther = ({ typing }: PassingEvent) => typing.member.identity !== event.typing.member.identity
      const others = this.typing.filter(isOther)
      this.typing = event.type === 'typingStarted' ? [...others, event] : others
      return
    }
    for (const subscriber of this.subscribers) {
      const { progress } = subscriber
      if (!progress.isNew(event)) continue
      if (frame !== undefined) subscriber.sink.write(frame)
      progress.moveTo(position.index, position.seq)
    }
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
      if (userId === event.except) continue
      // One that has read on in the store must not be told an older place: it comes back, and is told at its own.
      if (position.index < progress.index || position.seq < progress.seq) subscriber.requestCatchUp()
      else sink.write(frame)
    }
  }
}
