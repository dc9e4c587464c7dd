import { setImmediate } from 'node:timers/promises'

const turnMilliseconds = 10

/** Work took longer than it may. */
export class TooLong extends Error {}

/** Lets others have their turn while long work is done, and ends it when it has worked too long. */
export class Pacer {
  readonly #milliseconds: number
  #worked = 0
  #started = performance.now()

  constructor(milliseconds = Infinity) {
    this.#milliseconds = milliseconds
  }

  /** Whether to call `pause` before anything else is done. */
  get isDue(): boolean {
    return performance.now() - this.#started >= turnMilliseconds
  }

  async pause(): Promise<void> {
    this.#worked += performance.now() - this.#started
    if (this.#worked >= this.#milliseconds) throw new TooLong()
    await setImmediate()
    this.#started = performance.now()
  }
}
