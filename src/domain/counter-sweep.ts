import { readChannelsBeyond, readUsersBeyond } from '../store/counter.ts'
import type { Db } from '../store/db.ts'
import { readDeletedServices } from '../store/service.ts'
import type { Feeds } from './feed.ts'
import type { ServiceWatch } from './service-watch.ts'
import type { UserFeeds } from './user-feed.ts'

/** How often, in milliseconds: what a hint costs that was never sent. */
const sweepInterval = 2000

interface SweepParts {
  readonly db: Db
  readonly feeds: Feeds
  readonly userFeeds: UserFeeds
  readonly serviceWatch: ServiceWatch
  readonly onError: (error: unknown) => void
}

/**
 * The one thing that polls: compares the counters of all channels and users that are listened to here with the store, so that a
 * process that died between commit and publish, or a bus that is away, costs seconds and not silence.
 */
export class CounterSweep {
  readonly #parts: SweepParts
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined

  constructor(parts: SweepParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.run(), sweepInterval)
    this.#timer.unref()
  }

  run(): Promise<void> {
    this.#running ??= this.#sweep()
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }

  async #sweep(): Promise<void> {
    const { db, feeds, userFeeds, serviceWatch } = this.#parts
    const channels = feeds.counters()
    if (channels.length > 0) {
      for (const { id, lastSeq } of await readChannelsBeyond(db, channels)) feeds.get(id)?.check(lastSeq)
    }
    const users = userFeeds.counters()
    if (users.length > 0) {
      for (const { id, lastSeq } of await readUsersBeyond(db, users)) userFeeds.get(id)?.check(lastSeq)
    }
    const serviceIds = serviceWatch.serviceIds()
    if (serviceIds.length > 0) {
      for (const id of await readDeletedServices(db, serviceIds)) serviceWatch.tellDeleted(id)
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
