import type { Sid } from '../../model/sid.ts'
import type { Counter } from '../../store/counter.ts'

/** What a registry keeps: the changes of one channel or one user, in order. */
interface RegisteredFeed {
  readonly id: Sid
  readonly counter: Counter<Sid>
  /** Resolves when it knows its position. */
  readonly ready: Promise<void>
  /** It closes with the last of them. */
  holders: number
  /** Compares with the counter of the store, which had reached `knownSeq` when it was read. */
  check(lastSeq: number | undefined, knownSeq: number): void
  /** Returns to what the store holds, which certainly has everything up to `sharedUntil`. */
  goBack(sharedUntil: Date): Promise<void>
  /** Hints may have been lost. */
  onGap(): void
  close(): void
}

/** The feeds of one process, of channels or of users: opened by the first who holds one, closed by the last. */
export class FeedRegistry<Feed extends RegisteredFeed> {
  readonly #feeds = new Map<Feed['id'], Feed>()
  readonly #open: (id: Feed['id']) => Feed

  constructor(open: (id: Feed['id']) => Feed) {
    this.#open = open
  }

  get size(): number {
    return this.#feeds.size
  }

  ids(): Feed['id'][] {
    return [...this.#feeds.keys()]
  }

  counters(): Feed['counter'][] {
    return Array.from(this.#feeds.values(), ({ counter }) => counter)
  }

  get(id: Feed['id']): Feed | undefined {
    return this.#feeds.get(id)
  }

  /** A ready feed, held until `release`. */
  async hold(id: Feed['id']): Promise<Feed> {
    let feed = this.#feeds.get(id)
    if (!feed) {
      feed = this.#open(id)
      this.#feeds.set(id, feed)
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

  release(feed: Feed): void {
    feed.holders--
    if (feed.holders > 0) return
    feed.close()
    if (this.#feeds.get(feed.id) === feed) this.#feeds.delete(feed.id)
  }

  /** The history of the database has changed. */
  async goBackAll(sharedUntil: Date): Promise<void> {
    await Promise.all(Array.from(this.#feeds.values(), (feed) => feed.goBack(sharedUntil)))
  }

  /** The bus works again. */
  onGap(): void {
    for (const feed of this.#feeds.values()) feed.onGap()
  }
}
