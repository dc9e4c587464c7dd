import type { Clock } from '../env/types.ts'

const maxTries = 3
const forgottenMilliseconds = 60_000

/**
 * What a leader does when another socket with its device took over (4409). It was its own former socket, or that of a tab that does not know yet
 * that it was robbed: then it is over with the next try. Or the profile of the browser was copied, and two devices have one id for ever.
 */
export class Replacements {
  readonly #clock: Clock
  readonly #random: () => number
  #count = 0
  #lastAt = -Infinity

  constructor({ clock, random }: { readonly clock: Clock; random(): number }) {
    this.#clock = clock
    this.#random = random
  }

  /** Milliseconds until the next try; undefined when only another device helps. */
  next(): number | undefined {
    const now = this.#clock.now()
    if (now - this.#lastAt > forgottenMilliseconds) this.#count = 0
    this.#lastAt = now
    this.#count += 1
    if (this.#count > maxTries) {
      this.#count = 0
      return undefined
    }
    return 500 + this.#random() * 1000 * 2 ** this.#count
  }
}
