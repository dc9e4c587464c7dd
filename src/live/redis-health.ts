/** How often a Redis that is away is looked for, in milliseconds. */
const checkMilliseconds = 1000

export interface RedisReport {
  /** It has failed to answer; said once, with the first error. */
  away(error: unknown): void
  /** It answers again, on every connection. */
  back(): void
}

/** Turns the many errors of a Redis that is away into one report, and one when it is back. */
export class RedisHealth {
  readonly #report: RedisReport
  readonly #check: () => Promise<unknown>
  #isAway = false
  #isClosed = false

  constructor(report: RedisReport, check: () => Promise<unknown>) {
    this.#report = report
    this.#check = check
  }

  readonly onError = (error: unknown): void => {
    if (this.#isAway || this.#isClosed) return
    this.#isAway = true
    this.#report.away(reasonOf(error))
    this.#scheduleCheck()
  }

  #scheduleCheck(): void {
    setTimeout(() => void this.#runCheck(), checkMilliseconds).unref()
  }

  async #runCheck(): Promise<void> {
    if (this.#isClosed) return
    try {
      await this.#check()
    } catch {
      this.#scheduleCheck()
      return
    }
    if (this.#isClosed) return
    this.#isAway = false
    this.#report.back()
  }

  close(): void {
    this.#isClosed = true
  }
}

/** A command that meets a closed connection has the words of the library's settings, and not what has happened. */
function reasonOf(error: unknown): unknown {
  const isClosed = error instanceof Error && /^Stream isn't writeable|^Connection is closed/.test(error.message)
  return isClosed ? new Error('the connection to Redis has ended', { cause: error }) : error
}
