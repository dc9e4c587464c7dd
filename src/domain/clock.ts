/** A smaller difference may come from the time that the answer took, in milliseconds. */
const agreementMilliseconds = 1000

/**
 * The database's time, on which all processes agree. Their own clocks may be wrong, or be set while they run, and tokens that one process
 * makes are verified by others.
 */
export class Clock {
  /** Added to the monotonic clock, in milliseconds. */
  #offset = Date.now() - performance.now()

  /** Milliseconds since the epoch. */
  now(): number {
    return performance.now() + this.#offset
  }

  /** Sets the clock by the database's time of this moment. */
  learn(databaseTime: number): void {
    const offset = databaseTime - performance.now()
    if (Math.abs(offset - this.#offset) > agreementMilliseconds) this.#offset = offset
  }
}
