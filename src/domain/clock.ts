/** A smaller difference may come from the time that the answer took, in milliseconds. */
const agreementMilliseconds = 1000

/** How many answers are compared: those of a minute. Clocks drift apart by some milliseconds meanwhile. */
const maxOffsets = 20

/**
 * The database's time, on which all processes agree. Their own clocks may be wrong, or be set while they run, and tokens that one process
 * makes are verified by others.
 */
export class Clock {
  /** Added to the monotonic clock, in milliseconds. */
  #offset = Date.now() - performance.now()
  /** The same by the last answers, each too small by the time that it was on its way. */
  readonly #offsets: number[] = []
  #closestOffset = this.#offset

  /** Milliseconds since the epoch. */
  now(): number {
    return performance.now() + this.#offset
  }

  /** Sets the clock by the database's time of this moment. */
  learn(databaseTime: number): void {
    const offset = databaseTime - performance.now()
    if (Math.abs(offset - this.#offset) > agreementMilliseconds) this.#offset = offset
    if (Math.abs(offset - this.#closestOffset) > agreementMilliseconds) this.#offsets.length = 0
    this.#offsets.push(offset)
    if (this.#offsets.length > maxOffsets) this.#offsets.shift()
    this.#closestOffset = Math.max(...this.#offsets)
  }

  /** The database's time as exactly as it is known, for what is measured: unlike `now`, it may be set back by milliseconds. */
  databaseNow(): number {
    return performance.now() + this.#closestOffset
  }
}
