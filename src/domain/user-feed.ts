import { topics, type Unsubscribe } from '../live/bus.ts'
import type { UserEvent } from '../model/event.ts'
import { readMembershipChanges } from '../store/member.ts'
import { readUserSeqs } from '../store/user.ts'
import type { FeedParts } from './feed.ts'
import { retryWhileLost } from './retry.ts'

/** Told of a channel that the user has joined. Leaving is told by the channel's own feed, in the order of its messages. */
export type JoinListener = (event: UserEvent) => void

/** The changes of one user's memberships, in order and without gaps: what a channel's feed is for a channel. */
export class UserFeed {
  readonly userId: string
  readonly listeners = new Set<JoinListener>()
  readonly ready: Promise<void>
  holders = 0
  readonly #parts: FeedParts
  #seq = 0
  #isReady = false
  #isClosed = false
  #refill: Promise<void> | undefined
  #isStale = false
  #unsubscribe: Unsubscribe | undefined

  constructor(userId: string, parts: FeedParts) {
    this.userId = userId
    this.#parts = parts
    this.ready = this.#open()
  }

  async #open(): Promise<void> {
    const { bus, db, onError } = this.#parts
    bus
      .subscribe(topics.user(this.userId), (hint) => this.#onHint(hint as UserEvent))
      .then((unsubscribe) => {
        this.#unsubscribe = unsubscribe
        if (this.#isClosed) unsubscribe()
        // What was told between the read below and this moment was not heard.
        else this.refill()
      }, onError)
    const [counters] = await readUserSeqs(db, [this.userId])
    this.#seq = counters?.lastSeq ?? 0
    this.#isReady = true
  }

  #onHint(event: UserEvent): void {
    if (this.#isClosed || !this.#isReady || event.seq <= this.#seq) return
    if (event.seq !== this.#seq + 1 || this.#refill) {
      this.refill()
      return
    }
    this.#pass(event)
  }

  check(lastSeq: number): void {
    if (this.#isReady && lastSeq > this.#seq) this.refill()
  }

  refill(): void {
    if (this.#isClosed || !this.#isReady) return
    this.#isStale = true
    this.#refill ??= retryWhileLost(
      () => this.#readMissing(),
      () => !this.#isClosed,
    )
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => {
        this.#refill = undefined
        if (this.#isStale) this.refill()
      })
  }

  async #readMissing(): Promise<void> {
    this.#isStale = false
    for (const member of await readMembershipChanges(this.#parts.db, this.userId, this.#seq)) {
      if (this.#isClosed) return
      const { userSeq, channelId, id, leftAt } = member
      this.#pass({ seq: userSeq, channelId, memberId: id, joined: leftAt === null })
    }
  }

  #pass(event: UserEvent): void {
    if (event.seq <= this.#seq) return
    this.#seq = event.seq
    if (event.joined) for (const listener of this.listeners) listener(event)
  }

  close(): void {
    this.#isClosed = true
    this.#unsubscribe?.()
  }
}

/** The user feeds of one process. */
export class UserFeeds {
  readonly #feeds = new Map<string, UserFeed>()
  readonly #parts: FeedParts

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#feeds.size
  }

  userIds(): string[] {
    return [...this.#feeds.keys()]
  }

  get(userId: string): UserFeed | undefined {
    return this.#feeds.get(userId)
  }

  async hold(userId: string): Promise<UserFeed> {
    let feed = this.#feeds.get(userId)
    if (!feed) {
      feed = new UserFeed(userId, this.#parts)
      this.#feeds.set(userId, feed)
    }
    feed.holders++
    try {
      await feed.ready
      return feed
    } catch (error) {
      this.release(feed)
      throw error
    }
  }

  release(feed: UserFeed): void {
    feed.holders--
    if (feed.holders > 0) return
    feed.close()
    if (this.#feeds.get(feed.userId) === feed) this.#feeds.delete(feed.userId)
  }

  refillAll(): void {
    for (const feed of this.#feeds.values()) feed.refill()
  }
}
