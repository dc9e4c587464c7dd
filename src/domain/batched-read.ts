import type { Span } from '@opentelemetry/api'
import { isUnanswered } from '../store/engine/fault.ts'
import { tracing, type Tracing } from '../tracing/tracing.ts'
import { maxWaiting, tooManyWaiting, type Turns } from './turns.ts'

/** Keys of one statement. */
const batchSize = 500

interface Waiting<Key, Row> {
  readonly key: Key
  /** Of the caller, where it is traced. */
  readonly span: Span | undefined
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

  /** As it is at some moment after the call; undefined when there is none. Never call it within a turn. Throws UNAVAILABLE when 100,000 wait. */
  read(key: Key): Promise<Row | undefined> {
    if (this.#waiting.length >= maxWaiting) return Promise.reject(tooManyWaiting())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, span: tracing?.active(), resolve, reject })
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
    const keys = batch.map(({ key }) => key)
    const rows = await (tracing === undefined ? this.#read(keys) : this.#trace(tracing, batch, keys))
    for (const [at, { resolve }] of batch.entries()) resolve(rows[at])
  }

  #trace(by: Tracing, batch: readonly Waiting<Key, Row>[], keys: readonly Key[]) {
    const spans = batch.map(({ span }) => span)
    return by.batch('read together', spans, () => this.#read(keys))
  }
}
