import { setImmediate } from 'node:timers/promises'

const turnMilliseconds = 10

/** Work took longer than it may. */
export class TooLong extends Error {}

/** Lets others have their turn while long work is done, and ends it when it has taken too much of the processor. */
export class Pacer {
  readonly #milliseconds: number
  #worked = 0
  #startedAt = performance.now()
  #started = process.threadCpuUsage()

  constructor(milliseconds = Infinity) {
    this.#milliseconds = milliseconds
  }

  /** Whether to call `pause` before anything else is done. */
  get isDue(): boolean {
    return performance.now() - this.#startedAt >= turnMilliseconds
  }

  async pause(): Promise<void> {
    // The processor's time, not the clock's: other processes may take it away for seconds.
    const { user, system } = process.threadCpuUsage(this.#started)
    this.#worked += (user + system) / 1000
    if (this.#worked >= this.#milliseconds) throw new TooLong()
    await setImmediate()
    this.#startedAt = performance.now()
    this.#started = process.threadCpuUsage()
  }
}
