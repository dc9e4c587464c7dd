import { ChatError } from '../model/error.ts'
import { isUnanswered } from '../store/engine/fault.ts'

/** What waits for its turn. More would only be served too late. */
export const maxWaiting = 100_000

/** When no read has succeeded for so long, in milliseconds, the line stands still. */
const standstillMilliseconds = 4000

/** Those that have waited for so long in a line that stands still fail, as one does that waits for a connection, in milliseconds. */
const patienceMilliseconds = 2000

interface Waiting {
  readonly since: number
  begin(): void
  fail(error: unknown): void
}

/**
 * Reads of the database that can wait, a few at a time and in the order in which they came: when all clients of another process come at once, most
 * connections stay free for sends. Each call is one read, and never waits for another turn within its own. While the line moves it may be long; where
 * the database does not answer, nobody waits for the deadlines of all before.
 */
export class Turns {
  readonly #size: number
  readonly #waiting: Waiting[] = []
  /** Of those waiting, so many have had their turn: taking from the front of a long list is slow. */
  #begun = 0
  #running = 0
  /** When a read has last succeeded, or the line began. */
  #movedAt = 0

  constructor(size: number) {
    this.#size = size
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#begun
  }

  /** Throws UNAVAILABLE when 100,000 wait, and what other reads threw when the database does not answer them. */
  async run<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#running === 0) this.#movedAt = performance.now()
    if (this.#running < this.#size) this.#running++
    else await this.#wait()
    try {
      const result = await read()
      this.#movedAt = performance.now()
      return result
    } catch (error) {
      if (isUnanswered(error)) this.#onUnanswered(error)
      throw error
    } finally {
      this.#pass()
    }
  }

  #wait(): Promise<void> {
    if (this.waitingCount >= maxWaiting) {
      return Promise.reject(tooManyWaiting())
    }
    return new Promise((begin, fail) => this.#waiting.push({ since: performance.now(), begin, fail }))
  }

  #onUnanswered(error: unknown): void {
    const now = performance.now()
    if (now - this.#movedAt < standstillMilliseconds) return
    for (;;) {
      const next = this.#waiting[this.#begun]
      if (!next || now - next.since < patienceMilliseconds) return
      this.#begun++
      next.fail(error)
    }
  }

  #pass(): void {
    const next = this.#waiting[this.#begun]
    if (!next) {
      this.#running--
      this.#waiting.length = 0
      this.#begun = 0
      return
    }
    this.#begun++
    if (this.#begun >= 1000) {
      this.#waiting.splice(0, this.#begun)
      this.#begun = 0
    }
    next.begin()
  }
}

export function tooManyWaiting(): ChatError {
  return new ChatError('UNAVAILABLE', 'too many clients come at once; try again')
}
