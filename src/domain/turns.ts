import { ChatError } from '../model/error.ts'

/** What waits for its turn. More would only be served too late. */
const maxWaiting = 100_000

/**
 * Reads of the database that can wait, a few at a time and in the order in which they came: when all clients of another process come at once, most
 * connections stay free for sends. Each call is one read, and never waits for another turn within its own.
 */
export class Turns {
  readonly #size: number
  readonly #waiting: (() => void)[] = []
  /** Of those waiting, so many have had their turn: taking from the front of a long list is slow. */
  #begun = 0
  #running = 0

  constructor(size: number) {
    this.#size = size
  }

  /** Throws UNAVAILABLE when 100,000 wait. */
  async run<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#size) this.#running++
    else await this.#wait()
    try {
      return await read()
    } finally {
      this.#pass()
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length - this.#begun >= maxWaiting) {
      return Promise.reject(new ChatError('UNAVAILABLE', 'too many clients come at once; try again'))
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #pass(): void {
    const next = this.#waiting[this.#begun]
    if (!next) {
      this.#running--
      return
    }
    this.#begun++
    if (this.#begun === this.#waiting.length || this.#begun >= 1000) this.#waiting.splice(0, this.#begun)
    if (this.#begun >= 1000 || this.#waiting.length === 0) this.#begun = 0
    next()
  }
}
