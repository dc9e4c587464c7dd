import type { Db } from '../store/engine/db.ts'

/** Returns the database's time, too, and the lowest version of the schema that works with it. */
export const heartbeatStatement = `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS heartbeat,
  (SELECT max(lowest) FROM schema_versions) AS lowest`

/** What the database answers. */
export interface Beat {
  /** The database's time, in milliseconds. */
  readonly now: number
  readonly lowestSchema: number
}

/** How often, in milliseconds. */
const heartbeatMilliseconds = 3000

/** After how long without an answer the database counts as away, in milliseconds: longer than it takes to restart. */
const awayMilliseconds = 15_000

/** Asks the database whether it is there, in the background: `isAlive` reads memory. */
export class Heartbeat {
  readonly #db: Db
  readonly #onAnswer: (error: unknown, beat?: Beat) => void
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  #answeredAt: number
  #roundTrip = 0
  #isAnswering = true
  #backAt = Number.NEGATIVE_INFINITY
  #probing: Promise<void> | undefined

  /**
   * `db` is a connection that nothing else uses, or a full pool would look like a database that is away. The embedded engine has only one:
   * nothing there holds it for as long as the limit. `now` must be a monotonic clock. `onAnswer` is called with what it says, or with
   * the error.
   */
  constructor(db: Db, onAnswer: (error: unknown, beat?: Beat) => void, now: () => number = () => performance.now()) {
    this.#db = db
    this.#onAnswer = onAnswer
    this.#now = now
    // A migration has just run on it.
    this.#answeredAt = now()
    this.#timer = setInterval(() => void this.probe(), heartbeatMilliseconds)
    this.#timer.unref()
  }

  /** One statement at a time. Each ends, since statements have deadlines. */
  probe(): Promise<void> {
    const askedAt = this.#now()
    this.#probing ??= this.#db
      .run<{ heartbeat: number; lowest: number | null }>(heartbeatStatement, [])
      .then(
        ([row]) => {
          this.#answeredAt = this.#now()
          this.#roundTrip = this.#answeredAt - askedAt
          if (!this.#isAnswering) this.#backAt = this.#answeredAt
          this.#isAnswering = true
          this.#onAnswer(undefined, { now: row!.heartbeat, lowestSchema: row!.lowest ?? 0 })
        },
        // An error alone does not make it away: `isAlive` counts from the last answer.
        (error: unknown) => {
          this.#isAnswering = false
          this.#onAnswer(error)
        },
      )
      .finally(() => {
        this.#probing = undefined
      })
    return this.#probing
  }

  /** Since the last answer, in milliseconds. */
  get age(): number {
    return this.#now() - this.#answeredAt
  }

  /** The time that the last answer took, in milliseconds. */
  get roundTrip(): number {
    return this.#roundTrip
  }

  /** Whether the last try had an answer. */
  get isAnswering(): boolean {
    return this.#isAnswering
  }

  /** Since it was back, in milliseconds; infinite where it was never away. */
  get sinceBack(): number {
    return this.#now() - this.#backAt
  }

  get isAlive(): boolean {
    return this.age < awayMilliseconds
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
