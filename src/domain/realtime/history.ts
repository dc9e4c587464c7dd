import type { Db } from '../../store/engine/db.ts'
import { readHistories, type Histories } from '../../store/history.ts'

/** How far the clocks of a database's servers may be apart, in milliseconds: what is that near to a moment may be from after it. */
const clockMilliseconds = 10_000

/**
 * Which history of the database is the present one. A standby that became the primary before it had everything, and a restored
 * backup, begin a new one: what was acknowledged at the end of the old one may not be in it, and its numbers are given again.
 */
export class History {
  readonly #db: Db
  #beginnings: readonly number[]
  #stamp: number
  /** By the database's clock: when the present history was last seen to go on. */
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

  /** Its beginning, in milliseconds since the epoch, which is its name. */
  get present(): number {
    return this.#beginnings.at(-1)!
  }

  /** What cursors are said to be of: the present one, once no position of the one before is told any more. */
  get stamp(): number {
    return this.#stamp
  }

  /** What is older than this is as it was when it was last looked at. */
  get settledAt(): Date {
    return new Date(this.#seenAt - clockMilliseconds)
  }

  /**
   * Of what was seen in a history, what is older than this is in the present one too. Undefined when it was seen in the present one.
   * Histories that a restore has taken out of the table have their place in the order all the same.
   */
  sharedUntil(history: number): Date | undefined {
    if (history === this.present) return undefined
    const end = this.#beginnings.find((beganAt) => beganAt > history) ?? this.present
    return new Date(end - clockMilliseconds)
  }

  /** Takes what the sweep has seen. Answers, when the history is another one, until when the two are the same. */
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

  /** All positions here have gone back to what the histories share. */
  adopt(): void {
    this.#stamp = this.present
  }
}
