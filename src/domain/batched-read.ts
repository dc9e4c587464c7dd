import { isUnanswered } from '../store/engine/fault.ts'
import type { Turns } from './turns.ts'

/** Keys of one statement. */
const batchSize = 500

interface Waiting<Key, Row> {
  readonly key: Key
  resolve(row: Row | undefined): void
  reject(error: unknown): void
}

/**
 * Reads rows by their keys, together: those that are asked for while all turns are taken wait for one, and leave in one statement. A lone one goes at once,
 * and thousands that come at once take as many statements as there are turns.
 */
export class BatchedRead<Key, Row> {
  readonly #turns: Turns
  readonly #read: (keys: readonly Key[]) => Promise<readonly (Row | undefined)[]>
  #waiting: Waiting<Key, Row>[] = []
  #turnsAsked = 0

  /** `read` answers a row for each key, in the order of the keys. */
  constructor(turns: Turns, read: (keys: readonly Key[]) => Promise<readonly (Row | undefined)[]>) {
    this.#turns = turns
    this.#read = read
  }

  /** As it is at some moment after the call; undefined when there is none. Never call it within a turn. */
  read(key: Key): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (this.#waiting.length > this.#turnsAsked * batchSize) void this.#takeTurn()
    })
  }

  /** Never throws: each caller has its answer. */
  async #takeTurn(): Promise<void> {
    this.#turnsAsked++
    let batch: Waiting<Key, Row>[] | undefined
    const takeBatch = (): Waiting<Key, Row>[] => {
      if (batch) return batch
      this.#turnsAsked--
      batch = this.#waiting.splice(0, batchSize)
      return batch
    }
    try {
      await this.#turns.run(() => this.#answer(takeBatch()))
    } catch (error) {
      const failed = takeBatch()
      // One of them may be the reason, such as a row that somebody has locked: the others do not fail with it.
      if (failed.length === 1 || isUnanswered(error)) for (const { reject } of failed) reject(error)
      else for (const each of failed) this.#turns.run(() => this.#answer([each])).catch(each.reject)
    }
  }

  async #answer(batch: readonly Waiting<Key, Row>[]): Promise<void> {
    if (batch.length === 0) return
    const rows = await this.#read(batch.map(({ key }) => key))
    for (const [at, { resolve }] of batch.entries()) resolve(rows[at])
  }
}
