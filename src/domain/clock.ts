/** What differs by less is how long the answer took, in milliseconds. */
const agreementMilliseconds = 1000

/**
 * The time that all processes agree on: the database's. A process's own clock may be wrong, or be set while it runs, and tokens that one
 * process makes are read by others.
 */
export class Clock {
  /** To what only ever goes forwards. */
  #offset = Date.now() - performance.now()

  /** Milliseconds since the epoch. */
  now(): number {
    return performance.now() + this.#offset
  }

  /** What the database's clock says at this moment. */
  learn(databaseTime: number): void {
    const offset = databaseTime - performance.now()
    if (Math.abs(offset - this.#offset) > agreementMilliseconds) this.#offset = offset
  }
}
