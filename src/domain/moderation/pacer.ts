import { setImmediate } from 'node:timers/promises'
import { threadTime } from '../thread-time.ts'

/** How long work goes on before it pauses. */
const turnMilliseconds = 10

/** Work took more processor time than it may. */
export class BudgetExceeded extends Error {}

/** Lets other work have its turn during long work, and ends long work that takes too much processor time. */
export class Pacer {
  readonly #budget: number
  #worked = 0
  #startedAt = performance.now()
  #started = threadTime()

  /** The budget is in milliseconds. */
  constructor(budget = Infinity) {
    this.#budget = budget
  }

  /** Whether to call `pause` before anything else is done. */
  get isDue(): boolean {
    return performance.now() - this.#startedAt >= turnMilliseconds
  }

  /** Throws `BudgetExceeded`. */
  async pause(): Promise<void> {
    // Processor time and not the clock: other processes may have the processor for seconds.
    this.#worked += threadTime() - this.#started
    if (this.#worked >= this.#budget) throw new BudgetExceeded()
    await setImmediate()
    this.#startedAt = performance.now()
    this.#started = threadTime()
  }
}
