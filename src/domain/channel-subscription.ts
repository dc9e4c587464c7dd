import type { App } from '../app.ts'
import type { Position } from '../model/cursor.ts'
import { ChatError, forbidden, notFound } from '../model/error.ts'
import { isStatementTimeout } from '../store/engine/fault.ts'
import type { Feed } from './feed.ts'
import { Subscriber, type DeliveryTarget, type Group, type Reader, type Rendering, type Sink } from './group.ts'
import { Replay } from './replay.ts'
import { retryWhileUnavailable } from './retry.ts'

export interface ChannelSubscriptionOptions<Frame> {
  readonly channelId: string
  /** Where to begin; undefined begins with what happens from now on. */
  readonly from: Position | undefined
  readonly addedOnly: boolean
  readonly memberId: string | undefined
  readonly userId: string | undefined
  readonly delivery: DeliveryTarget | undefined
  readonly sink: Sink<Frame>
  /** Told when it is over. */
  readonly stream: { onChannelEnd(subscription: ChannelSubscription<Frame>, reason: ChatError): void }
}

/** Small enough that a stalled reader holds little, large enough that the statement does not show. */
const pageSize = 100

/**
 * One subscriber of one channel: catches up from the store, then goes live with the feed. The feed is listened to before the store is
 * read, and the place reached is compared and attached in the same turn, so there is no moment in between for an event
 * to fall into.
 */
export class ChannelSubscription<Frame> implements Reader {
  readonly channelId: string
  readonly memberId: string | undefined
  readonly #options: ChannelSubscriptionOptions<Frame>
  readonly #app: App
  #rendering: Rendering<Frame>
  #feed: Feed | undefined
  #subscriber: Subscriber<Frame> | undefined
  /** While it is live. */
  #group: Group<Frame> | undefined
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

  /** Listens to the feed. After this nothing that happens is missed; nothing is written yet. */
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
    const { from, sink, memberId, userId, delivery } = this.#options
    this.#subscriber = new Subscriber({
      from: from ?? feed.progress.position,
      sink,
      memberId,
      userId,
      delivery,
      reader: this,
    })
  }

  onBehind(): void {
    this.#detach()
    void this.catchUp()
  }

  #detach(): void {
    if (this.#group) this.#feed!.detach(this.#subscriber!, this.#group)
    this.#group = undefined
  }

  /** Writes what was missed and goes live. Never throws: what cannot be told ends the subscription with the reason. */
  async catchUp(): Promise<void> {
    try {
      await this.#catchUp()
    } catch (error) {
      this.onEnd(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
      if (!(error instanceof ChatError)) this.#app.logger.error({ err: error }, 'a subscription failed')
    }
  }

  async #catchUp(): Promise<void> {
    const { memberId, addedOnly, from } = this.#options
    const feed = this.#feed
    const subscriber = this.#subscriber
    if (!feed || !subscriber || this.#isClosed) return
    const { progress } = subscriber
    // A member is looked at once more in the store, since it may have left before the feed was listened to.
    const mustRead = memberId !== undefined || from !== undefined
    const hasReached = (): boolean => progress.seq >= feed.progress.seq
    if (mustRead || !hasReached()) {
      const replay = new Replay(this.#app.db, this.channelId, progress.position, { addedOnly, memberId })
      let size = pageSize
      do {
        const told = await retryWhileUnavailable(
          () => replay.read(size),
          () => !this.#isClosed,
          (error) => {
            if (isStatementTimeout(error)) size = Math.ceil(size / 2)
          },
        )
        if (!told || this.#isClosed) return
        for (const { event, after } of told) {
          const { sink } = this.#options
          const rendering = this.#rendering
          if (rendering.wants(event.type)) {
            const frame = rendering.render(event, after)
            const rendered = frame instanceof Promise ? await frame : frame
            // Asked again after each wait: all who catch up on one socket wake at once, and the first may fill it.
            for (let full = sink.drained(); full; full = sink.drained()) await full
            if (this.#isClosed) return
            sink.write(rendered)
          } else if (event.type === 'gap') {
            throw notFound(`messages ${event.from} to ${event.to} of the channel`)
          }
          progress.moveTo(after.index, after.seq)
          if (event.type === 'channelRemoved') return subscriber.end(notFound('the channel', 50300))
        }
        if (replay.ended) return subscriber.end(forbidden('no longer a member of the channel', 50400))
        progress.moveTo(replay.progress.index, replay.progress.seq)
        // The feed's frames bring its places along: who has seen messages beyond them is not ready for those.
      } while (!(replay.isRoundComplete && !replay.progress.isAhead && hasReached()))
    }
    if (feed.isOver) return subscriber.end(notFound('the channel', 50300))
    this.#group = feed.attach(subscriber, this.#rendering)
    // The same as its own, and one object for all of the group.
    this.#rendering = this.#group.rendering
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
