import { readMovedCounters } from '../../store/counter.ts'
import type { Db } from '../../store/engine/db.ts'
import type { AccountWatch } from '../access/account-watch.ts'
import { endRetiredTokens } from '../access/auth-token.ts'
import { forgetAll, type Caches } from '../access/cache.ts'
import type { DeletionWatch } from '../access/deletion-watch.ts'
import type { SecretBox } from '../access/secret.ts'
import type { DeliveryWriter } from './delivery-writer.ts'
import type { FeedRegistry } from './feed-registry.ts'
import type { Feed } from './feed.ts'
import type { History } from './history.ts'
import type { UserFeed } from './user-feed.ts'

/** The interval in milliseconds: how late a lost hint makes an event. */
const sweepInterval = 2000

interface SweepParts {
  readonly db: Db
  readonly history: History
  readonly caches: Caches
  readonly deliveries: DeliveryWriter
  readonly accounts: AccountWatch
  readonly feeds: FeedRegistry<Feed>
  readonly userFeeds: FeedRegistry<UserFeed>
  readonly deletionWatch: DeletionWatch
  readonly secrets: SecretBox
  readonly onError: (error: unknown) => void
}

/**
 * The only part that polls for changes. One statement compares the counters of all open feeds, the accounts that caches know and the history
 * of the database with the store. So events are late by seconds, and not lost, when a process died between commit and publish, when the bus
 * is away, or when the database has gone back.
 */
export class CounterSweep {
  readonly #parts: SweepParts
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #sweptAt = performance.now()

  constructor(parts: SweepParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.run(), sweepInterval)
    this.#timer.unref()
  }

  /** For how long it has not been done, in seconds: events whose hints were lost are late by as much. */
  get ageSeconds(): number {
    return (performance.now() - this.#sweptAt) / 1000
  }

  run(): Promise<void> {
    this.#running ??= this.#sweep()
      .then(() => {
        this.#sweptAt = performance.now()
      })
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }

  async #sweep(): Promise<void> {
    const { db, history, caches, deliveries, accounts, feeds, userFeeds, deletionWatch } = this.#parts
    const moved = await readMovedCounters(db, {
      channels: feeds.counters(),
      users: userFeeds.counters(),
      accounts: accounts.counters(),
      serviceIds: deletionWatch.ids('IS'),
      keyIds: deletionWatch.ids('SK'),
    })
    if (moved.accounts.length > 0) {
      forgetAll(caches)
      const changed = moved.accounts.map(({ id }) => id)
      await endRetiredTokens(this.#parts, changed)
    }
    for (const account of moved.accounts) accounts.moveTo(account)
    const sharedUntil = await history.observe(moved.historyBeganAt, moved.now)
    if (sharedUntil) {
      forgetAll(caches)
      await deliveries.forget()
      await Promise.all([feeds.goBackAll(sharedUntil), userFeeds.goBackAll(sharedUntil)])
      history.adopt()
    } else {
      for (const { id, lastSeq, knownSeq } of moved.channels) feeds.get(id)?.check(lastSeq, knownSeq)
      for (const { id, lastSeq, knownSeq } of moved.users) userFeeds.get(id)?.check(lastSeq, knownSeq)
    }
    for (const id of [...moved.deletedServiceIds, ...moved.deletedKeyIds]) deletionWatch.notifyDeleted(id)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
