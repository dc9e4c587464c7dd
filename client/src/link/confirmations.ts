import { deferred } from '../deferred.ts'
import type { Clock } from '../env/types.ts'

/** Time in which the local copy has to keep what is confirmed, in milliseconds. */
const settleMilliseconds = 15_000

/** Confirms what was received, in the order in which that is asked for, once it is kept. */
export class Confirmations {
  readonly #settled: () => Promise<void>
  readonly #clock: Clock
  #last: Promise<void> = Promise.resolve()

  /** `settled` resolves once what came before is kept. */
  constructor(settled: () => Promise<void>, clock: Clock) {
    this.#settled = settled
    this.#clock = clock
  }

  /** Calls `confirm` once what came before is kept and the confirmations before are through, or `onFailed` when it is not kept in time. */
  add(confirm: () => void, onFailed: (error: unknown) => void): void {
    const { promise: late, reject } = deferred<never>()
    const cancel = this.#clock.after(settleMilliseconds, () => reject(new Error('not in time')))
    const kept = Promise.race([this.#settled(), late]).finally(cancel)
    this.#last = Promise.all([this.#last, kept]).then(confirm).catch(onFailed)
  }
}
