import { createMemoryRateCounter } from '../live/memory-rate-counter.ts'
import type { RateCounter } from '../live/rate-counter.ts'
import type { UserRateKind } from '../model/rate-limit.ts'
import type { Refusals } from './refusals.ts'

/**
 * What callers did lately. Users are counted by the process that they are connected to, so that a send waits for nothing; API keys that have a rate
 * are counted by all processes together.
 */
export class RateCounters {
  readonly refusals: Refusals
  /** One for each kind, so that a user's SID is the key. */
  readonly users: Readonly<Record<UserRateKind | 'subscriptions', RateCounter>> = {
    sends: createMemoryRateCounter(),
    operations: createMemoryRateCounter(),
    typing: createMemoryRateCounter(),
    subscriptions: createMemoryRateCounter(),
  }
  readonly keys: RateCounter

  /** `shared` is what all processes count with, if there is such a thing. */
  constructor(shared: RateCounter | undefined, refusals: Refusals) {
    this.keys = shared ?? createMemoryRateCounter()
    this.refusals = refusals
  }
}
