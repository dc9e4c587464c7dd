import type { UserId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import { writeLastSeen } from '../../store/user.ts'

/** How often what was noted is written, in milliseconds. */
const flushMilliseconds = 5000

/** A user is written at most once in this time, in milliseconds, but for the end of the process. */
const restMilliseconds = 60_000

/** Users of one statement. */
const batch = 1000

/** Users that wait to be written: while the database is away, those beyond are left out. */
const maxWaiting = 100_000

/** Writes when users were last connected: in batches, and each at most once a minute. */
export class LastSeen {
  readonly #db: Db
  readonly #now: () => number
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #waiting = new Map<UserId, number>()
  /** When those were written that were written in the last minute, oldest first. */
  readonly #written = new Map<UserId, number>()
  #flushing: Promise<void> = Promise.resolve()

  /** `now` is the database's time. */
  constructor(db: Db, now: () => number, onError: (error: unknown) => void) {
    this.#db = db
    this.#now = now
    this.#onError = onError
    this.#timer = setInterval(() => void this.flush(), flushMilliseconds)
    this.#timer.unref()
  }

  note(userId: UserId): void {
    if (this.#waiting.size < maxWaiting || this.#waiting.has(userId)) this.#waiting.set(userId, this.#now())
  }

  /** Writes whom it is time for, or all. */
  flush({ all = false } = {}): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write(all))
    return this.#flushing
  }

  async #write(all: boolean): Promise<void> {
    const now = performance.now()
    for (const [userId, at] of this.#written) {
      if (at > now - restMilliseconds) break
      this.#written.delete(userId)
    }
    const due = [...this.#waiting].filter(([userId]) => all || !this.#written.has(userId))
    for (let from = 0; from < due.length; from += batch) {
      const part = due.slice(from, from + batch)
      try {
        await writeLastSeen(this.#db, part)
      } catch (error) {
        // What waits is tried again.
        this.#onError(error)
        return
      }
      for (const [userId, at] of part) {
        if (this.#waiting.get(userId) === at) this.#waiting.delete(userId)
        this.#written.delete(userId)
        this.#written.set(userId, now)
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush({ all: true })
  }
}
