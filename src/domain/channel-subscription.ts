import type { Position } from '../model/cursor.ts'
import { ChatError, forbidden, notFound } from '../model/error.ts'
import type { Db } from '../store/db.ts'
import type { Feed, Feeds } from './feed.ts'
import { Subscriber, type DeliveryTarget, type Rendering, type Sink } from './group.ts'
import { Replay } from './replay.ts'
import { retryWhileLost } from './retry.ts'

export interface ChannelSubscriptionOptions<Frame> {
  readonly channelId: string
  /** Where to begin; undefined begins with what happens from now on. */
  readonly from: Position | undefined
  readonly addedOnly: boolean
  readonly memberId: string | undefined
  readonly userId: string | undefined
  readonly delivery: DeliveryTarget | undefined
  readonly rendering: Rendering<Frame>
  readonly sink: Sink<Frame>
  readonly onEnd: (reason: ChatError) => void
  /** A fault that has ended the subscription. */
  readonly onError: (error: unknown) => void
}

/** Small enough that a stalled reader holds little, large enough that the statement does not show. */
const pageSize = 100

/**
 * One subscriber of one channel: catches up from the store, then goes live with the feed. The feed is listened to before the store is
 * read, and the place reached is compared and attached in the same turn, so there is no moment in between for an event
 * to fall into.
 */
export class ChannelSubscription<Frame> {
  readonly channelId: string
  readonly memberId: string | undefined
  readonly #options: ChannelSubscriptionOptions<Frame>
  readonly #parts: { readonly db: Db; readonly feeds: Feeds }
  #feed: Feed | undefined
  #subscriber: Subscriber<Frame> | undefined
  #detach: (() => void) | undefined
  #isClosed = false

  constructor(parts: { readonly db: Db; readonly feeds: Feeds }, options: ChannelSubscriptionOptions<Frame>) {
    this.channelId = options.channelId
    this.memberId = options.memberId
    this.#options = options
    this.#parts = parts
  }

  /** Undefined until the feed is ready. */
  get subscriber(): Subscriber<Frame> | undefined {
    return this.#subscriber
  }

  /** Listens to the feed. After this nothing that happens is missed; nothing is written yet. */
  async listen(): Promise<void> {
    const { feeds } = this.#parts
    const feed = await retryWhileLost(
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
      onEnd: (reason) => this.#end(reason),
      onBehind: () => {
        this.#detach?.()
        this.#detach = undefined
        void this.catchUp()
      },
    })
  }

  /** Writes what was missed and goes live. Never throws: what cannot be told ends the subscription with the reason. */
  async catchUp(): Promise<void> {
    try {
      await this.#catchUp()
    } catch (error) {
      this.#end(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
      if (!(error instanceof ChatError)) this.#options.onError(error)
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
      const replay = new Replay(this.#parts.db, this.channelId, progress.position, { addedOnly, memberId })
      do {
        const told = await retryWhileLost(
          () => replay.read(pageSize),
          () => !this.#isClosed,
        )
        if (!told || this.#isClosed) return
        for (const { event, after } of told) {
          const { rendering, sink } = this.#options
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
    this.#detach = feed.attach(subscriber, this.#options.rendering)
  }

  #end(reason: ChatError): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onEnd(reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#subscriber) this.#subscriber.ended = true
    this.#detach?.()
    if (this.#feed) this.#parts.feeds.release(this.#feed)
  }
}
