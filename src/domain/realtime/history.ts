import type { Db } from '../../store/engine/db.ts'
import { readHistories, type Histories } from '../../store/history.ts'

/** How far the clocks of a database's servers may differ, in milliseconds. */
const clockMilliseconds = 10_000

/**
 * The history of the database. A new one begins with a restored backup and with a standby that became the primary before it had everything:
 * acknowledged writes from the end of the old history may be missing, and their numbers are given again.
 */
export class History {
  readonly #db: Db
  #beginnings: readonly number[]
  #stamp: number
  /** When the present history was last seen, by the database's clock. */
  #seenAt: number

  private constructor(db: Db, { beginnings, now }: Histories) {
    this.#db = db
    this.#beginnings = beginnings
    this.#seenAt = now
    this.#stamp = this.present
  }

  static async open(db: Db): Promise<History> {
    return new History(db, await readHistories(db))
  }

  /** The present history, named by its beginning in milliseconds since the epoch. */
  get present(): number {
    return this.#beginnings.at(-1)!
  }

  /** The history that cursors name. It changes after all feeds have gone back to what the histories share. */
  get stamp(): number {
    return this.#stamp
  }

  /** Rows older than this were certainly part of the history when it was last seen. */
  get settledAt(): Date {
    return new Date(this.#seenAt - clockMilliseconds)
  }

  /**
   * Rows older than this are in both the given history and the present one. Undefined when the two are the same. Works for histories that a
   * restore has removed from the table as well.
   */
  sharedUntil(history: number): Date | undefined {
    if (history === this.present) return undefined
    const end = this.#beginnings.find((beganAt) => beganAt > history) ?? this.present
    return new Date(end - clockMilliseconds)
  }

  /** Records the history that the sweep has read. When it is a new one, returns until when the two agree. */
  async observe(beganAt: number | undefined, now: number): Promise<Date | undefined> {
    if (beganAt === this.present) {
      this.#seenAt = now
      return undefined
    }
    const before = this.present
    const seen = await readHistories(this.#db, { seenAt: new Date(this.#seenAt) })
    this.#beginnings = seen.beginnings
    this.#seenAt = seen.now
    return this.sharedUntil(before)
  }

  /** All feeds have gone back to what the histories share. */
  adopt(): void {
    this.#stamp = this.present
  }
}
