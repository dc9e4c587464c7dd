import type { Histogram } from '../../instruments/histogram.ts'
import type { Clock } from '../clock.ts'

/**
 * Measures how long messages take from the database to the sockets of their readers. Once per turn of the event loop and not per reader: frames are
 * written at its end, by a callback that was registered before the one here. So each reader counts with the time of the last one of its turn.
 */
export class DeliveryLatency {
  readonly #clock: Pick<Clock, 'databaseNow'>
  readonly #seconds: Histogram
  /** Of each message of this turn: when it was stored, and how many readers it has been given to. */
  #stored: number[] = []
  readonly #measure = (): void => {
    const now = this.#clock.databaseNow()
    const stored = this.#stored
    this.#stored = []
    for (let at = 0; at < stored.length; at += 2) {
      this.#seconds.observe(Math.max(0, now - stored[at]!) / 1000, stored[at + 1])
    }
  }

  constructor(clock: Pick<Clock, 'databaseNow'>, seconds: Histogram) {
    this.#clock = clock
    this.#seconds = seconds
  }

  /** A message was given to so many readers in this turn. */
  note(storedAt: Date, readers: number): void {
    if (this.#stored.push(storedAt.getTime(), readers) === 2) setImmediate(this.#measure)
  }
}
