import { earlierOf, isBeyond, type Position } from '../../model/cursor.ts'
import { ChatError, forbidden, notFound } from '../../model/error.ts'
import type { ChannelEvent, MessageAppendedEvent, TypingEvent } from '../../model/event.ts'
import type { Message } from '../../model/message.ts'
import type { ChannelId, MemberId, UserId } from '../../model/sid.ts'
import { takeBackDeliveries } from '../../store/delivery.ts'
import { isStatementTimeout } from '../../store/engine/fault.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { Share } from '../share.ts'
import { changeTypes } from './durable-event.ts'
import type { Feed } from './feed.ts'
import {
  Subscriber,
  renderInTurn,
  type DeliveryTarget,
  type Group,
  type Reader,
  type Rendering,
  type Sink,
} from './group.ts'
import { Replay, gapBack, type Gap, type CaughtUpEvent } from './replay.ts'
import { noTexts, type ReadTexts } from './stream-texts.ts'
import { typingSince } from './typists.ts'

export interface ChannelSubscriptionOptions<Frame> {
  readonly channelId: ChannelId
  /** Where to begin; undefined begins now. */
  readonly from: Position | undefined
  /** How far its reader had come in an older history of the database, when that is beyond `from`. */
  readonly seen: Position | undefined
  readonly addedOnly: boolean
  /** Whether it begins with the receipts of all members. */
  readonly receiptsFirst: boolean
  readonly memberId: MemberId | undefined
  readonly userId: UserId | undefined
  /** Counts the time of catching up. */
  readonly share: Share | undefined
  readonly delivery: DeliveryTarget | undefined
  readonly sink: Sink<Frame>
  readonly stream: { onChannelEnd(subscription: ChannelSubscription<Frame>, reason: ChatError): void }
}

const none: readonly TypingEvent[] = []

/** A page is small, so that a stalled reader holds little memory. */
const pageSize = 100

/**
 * One subscriber of one channel, in three phases:
 *
 * 1. Listen: it holds the channel's feed, which from then on knows of everything that happens. Nothing is written yet.
 * 2. Read: it writes what its reader missed, page by page from the store, until it has come as far as the feed.
 * 3. Attach: it joins the group of the feed that renders the same selection, and gets what happens with the others.
 *
 * No event is lost between the phases: the feed listens before the store is read, and the last comparison of the positions and the attaching
 * are one turn of the event loop. A feed that jumps ahead or goes back, and a reader whose user has used up its time, return the subscriber
 * to the second phase (`onCatchUpNeeded`).
 */
export class ChannelSubscription<Frame> implements Reader {
  readonly channelId: ChannelId
  readonly memberId: MemberId | undefined
  readonly #options: ChannelSubscriptionOptions<Frame>
  readonly #app: App
  #rendering: Rendering<Frame>
  #feed: Feed | undefined
  #subscriber: Subscriber<Frame> | undefined
  /** While it is live. */
  #group: Group<Frame> | undefined
  /** Who types, as its reader knows. While it is live its group keeps this. */
  #typing: readonly TypingEvent[] = none
  /** The texts that are being written, as its reader has them. While it is live its group keeps this. */
  #texts: ReadTexts = noTexts
  /** How many floors of the feed its position respects. */
  #floorCount = 0
  #isClosed = false

  constructor(app: App, rendering: Rendering<Frame>, options: ChannelSubscriptionOptions<Frame>) {
    this.channelId = options.channelId
    this.memberId = options.memberId
    this.#options = options
    this.#app = app
    this.#rendering = rendering
  }

  /** Undefined until the feed is ready. */
  get subscriber(): Subscriber<Frame> | undefined {
    return this.#subscriber
  }

  /** The first phase. */
  async listen(): Promise<void> {
    const { feeds } = this.#app
    const feed = await retryWhileUnavailable(
      () => feeds.hold(this.channelId),
      () => !this.#isClosed,
    )
    if (!feed) return
    if (this.#isClosed) {
      feeds.release(feed)
      return
    }
    this.#feed = feed
    this.#floorCount = feed.floorCount
    const { from, sink, memberId, userId, share, delivery, receiptsFirst } = this.#options
    this.#subscriber = new Subscriber({
      from: from ?? feed.progress.position,
      sink,
      memberId,
      userId,
      share,
      delivery,
      reader: this,
    })
    this.#subscriber.awaitsReceipts = receiptsFirst
  }

  onCatchUpNeeded(): void {
    this.#app.instruments.catchUps.value++
    this.#detach()
    // It gets none meanwhile.
    this.#subscriber!.awaitsReceipts = true
    // Also where it has come as far as the feed: that may be about to emit what it read at once.
    void this.catchUp(true)
  }

  onReceiptsMissed(): void {
    this.#feed!.refill('missing')
    this.#feed!.askReceipts()
  }

  #detach(): void {
    if (!this.#group) return
    this.#feed!.detach(this.#subscriber!, this.#group)
    this.#typing = this.#group.typing
    this.#texts = this.#subscriber!.lacksTexts ? noTexts : this.#group.texts
    this.#group = undefined
  }

  /**
   * The second and the third phase. Never throws: what fails ends the subscription. A member may have left before the feed was held, so its membership
   * is read at least once.
   */
  async catchUp(mustRead = this.memberId !== undefined || this.#options.from !== undefined): Promise<void> {
    try {
      await this.#catchUp(mustRead)
    } catch (error) {
      this.fail(error)
    }
  }

  fail(error: unknown): void {
    this.onEnd(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
    if (!(error instanceof ChatError)) this.#app.logger.error({ err: error }, 'a subscription failed')
  }

  async #catchUp(mustRead: boolean): Promise<void> {
    const { seen } = this.#options
    const feed = this.#feed
    const subscriber = this.#subscriber
    if (!feed || !subscriber || this.#isClosed) return
    const { progress } = subscriber
    if (seen && progress.returns === 0) await this.#goBack(subscriber, seen, progress.position)
    for (;;) {
      if (!mustRead && this.#floorCount === feed.floorCount && progress.seq >= feed.progress.seq) {
        feed.makeWay(this.#rendering.key, this.#options.share)
        const news = [...this.#typingNews(feed), ...this.#textNews(feed, subscriber)]
        if (news.length === 0) break
        for (const event of news) await this.#write(event, progress.position)
        if (this.#isClosed) return
        continue
      }
      mustRead = false
      if (this.#floorCount < feed.floorCount) {
        const floor = feed.floorSince(this.#floorCount)
        this.#floorCount = feed.floorCount
        const { position } = progress
        if (isBeyond(position, floor)) await this.#goBack(subscriber, position, earlierOf(position, floor))
      }
      if (this.#isClosed || !(await this.#replay(feed, subscriber))) return
    }
    if (feed.isOver) return subscriber.end(notFound('the channel', 50300))
    this.#group = feed.attach(subscriber, this.#rendering)
    // The same as its own, and one object for all of the group.
    this.#rendering = this.#group.rendering
    if (subscriber.awaitsReceipts && this.#rendering.wants('receiptsUpdated')) feed.askReceipts()
  }

  /** The beginnings and ends of typing that its reader does not know yet. */
  #typingNews(feed: Feed): readonly TypingEvent[] {
    const before = this.#typing
    this.#typing = feed.typingOf(this.#rendering.key)
    return typingSince(before, this.#typing).filter(({ except }) => except !== this.#options.userId)
  }

  /**
   * The texts that its reader does not have yet as the others have them. One that is ahead of the feed may know that a text has ended: it comes back when
   * the feed has got there.
   */
  #textNews(feed: Feed, subscriber: Subscriber<Frame>): readonly MessageAppendedEvent[] {
    if (!this.#rendering.wants('messageAppended')) return []
    subscriber.lacksTexts = subscriber.progress.seq > feed.progress.seq
    if (subscriber.lacksTexts) return []
    const news = feed.textsSince(this.#texts, this.#rendering.key)
    if (news.length > 0)
      this.#texts = new Map([...this.#texts, ...news.map(({ messageId, whole }) => [messageId, whole] as const)])
    return news
  }

  /** Returns false when the subscription is over; otherwise it has reached the feed or must go back first. */
  async #replay(feed: Feed, subscriber: Subscriber<Frame>): Promise<boolean> {
    const { memberId, addedOnly, share } = this.#options
    const { progress } = subscriber
    const replay = new Replay(this.#app.db, this.channelId, progress.position, { addedOnly, memberId })
    let goal = feed.progress.seq
    let size = pageSize
    // Page by page, so that one who missed much does not keep the others waiting.
    const read = () => this.#app.catchUps.run(() => replay.read(size))
    do {
      const events = await retryWhileUnavailable(
        async () => (share ? share.runPatiently(0, () => share.measureAnswer(read())) : read()),
        () => !this.#isClosed,
        (error) => {
          if (isStatementTimeout(error)) size = Math.ceil(size / 2)
        },
      )
      if (!events || this.#isClosed) return false
      for (const event of events) {
        if (this.#floorCount < feed.floorCount) return true
        if (!(await this.#deliver(subscriber, event))) return false
      }
      if (this.#floorCount < feed.floorCount) return true
      if (replay.ended) {
        subscriber.end(forbidden('no longer a member of the channel', 50400))
        return false
      }
      progress.moveTo(replay.progress.index, replay.progress.seq)
      if (!replay.isRoundComplete) continue
      // The feed has delivered more than the store holds.
      if (progress.seq < goal) await feed.goBack()
      goal = feed.progress.seq
      // Frames of the feed carry its position, so a reader that is ahead of it must not attach yet.
    } while (!(replay.isRoundComplete && !replay.progress.isAhead && progress.seq >= feed.progress.seq))
    return true
  }

  /** Returns whether it goes on. */
  async #deliver(subscriber: Subscriber<Frame>, { event, position }: CaughtUpEvent): Promise<boolean> {
    if (event.type === 'gap' && event.isBack) {
      await retryWhileUnavailable(
        () => takeBackDeliveries(this.#app.db, this.channelId),
        () => !this.#isClosed,
      )
      await this.#goBack(subscriber, subscriber.progress.position, position)
      return !this.#isClosed
    }
    if (event.type === 'messageFinished' && !(await this.#writeText(event.message, subscriber))) return false
    if (!(await this.#write(event, position))) return false
    this.#app.instruments.replayed.value++
    subscriber.progress.moveTo(position.index, position.seq)
    if (event.type !== 'channelRemoved') return true
    subscriber.end(notFound('the channel', 50300))
    return false
  }

  /** Makes what its reader has of a text the final one, before that is said to have ended. Returns whether it goes on. */
  #writeText({ id: messageId, index, body: whole }: Message, { progress }: Subscriber<Frame>): Promise<boolean> {
    return this.#write({ type: 'messageAppended', messageId, index, offset: 0, text: whole, whole }, progress.position)
  }

  /** Returns whether it goes on. Throws for a gap that its selection cannot express. */
  async #write(event: ChannelEvent | Gap, position: Position): Promise<boolean> {
    const { sink, share } = this.#options
    const rendering = this.#rendering
    if (rendering.wants(event.type)) {
      const frame = renderInTurn(rendering, event, { position, isReplay: true }, share, () => !this.#isClosed)
      const rendered = frame instanceof Promise ? await frame : frame
      // All subscribers of a socket wake at once and the first may fill it again, hence the loop.
      for (let full = sink.drained(); full; full = sink.drained()) await full
      if (this.#isClosed || rendered === undefined) return false
      sink.write(rendered)
    } else if (event.type === 'gap') {
      throw this.#gapError(event)
    }
    return true
  }

  /** The database may have lost what lies between the two positions. */
  async #goBack(subscriber: Subscriber<Frame>, from: Position, to: Position): Promise<void> {
    subscriber.progress.goBackTo(to)
    this.#texts = noTexts
    const { event, position } = gapBack(from, to)
    if (this.#isConcernedBy(from, to)) await this.#write(event, position)
  }

  /** Whether the selection delivers a gap, or anything that may be lost. */
  #isConcernedBy(from: Position, to: Position): boolean {
    const rendering = this.#rendering
    if (rendering.wants('gap')) return true
    if (rendering.wants('messageAdded') && from.index > to.index) return true
    return from.seq > to.seq && changeTypes.some((type) => rendering.wants(type))
  }

  #gapError({ from, to, isBack }: Gap): ChatError {
    if (!isBack) return notFound(`messages ${from} to ${to} of the channel`)
    const what = from > to ? 'changes' : `messages from ${from} to ${to}, and other changes,`
    return new ChatError('CONFLICT', `the database went back, and ${what} may be lost; read again, and subscribe anew`)
  }

  onEnd(reason: ChatError): void {
    if (this.#isClosed) return
    this.close()
    this.#options.stream.onChannelEnd(this, reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#subscriber) this.#subscriber.ended = true
    this.#detach()
    if (this.#feed) this.#app.feeds.release(this.#feed)
  }
}
