/** Statements at a time: one whose connection hangs does not hold up all others until its deadline. */
const maxReading = 2

/** Keys of one statement. */
const batchSize = 500

interface Waiting<Key, Row> {
  readonly key: Key
  resolve(row: Row | undefined): void
  reject(error: unknown): void
}

/**
 * Reads rows by their keys, together: while two statements are under way those that are asked for wait, and leave together in the next one. A lone one goes
 * at once, and thousands that come at once take two connections.
 */
export class BatchedRead<Key, Row> {
  readonly #read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Row>>
  #waiting: Waiting<Key, Row>[] = []
  #reading = 0

  constructor(read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Row>>) {
    this.#read = read
  }

  /** As it is at some moment after the call; undefined when there is none. */
  read(key: Key): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (this.#reading < maxReading) void this.#readAll()
    })
  }

  /** Never throws: each caller has its answer. */
  async #readAll(): Promise<void> {
    this.#reading++
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize)
      try {
        const rows = await this.#read(batch.map(({ key }) => key))
        for (const { key, resolve } of batch) resolve(rows.get(key))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#reading--
  }
}
