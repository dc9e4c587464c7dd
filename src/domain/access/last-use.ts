import { LRUCache } from 'lru-cache'

/** How often the use of one thing is written at most, in milliseconds. */
const writeMilliseconds = 60_000

/** How long a write waits for others to join it, in milliseconds. */
const flushMilliseconds = 500

/** Writes when API keys, or sessions of the console, were last used: each at most once a minute, many in one statement. */
export class LastUse<Id extends string> {
  readonly #write: (ids: readonly Id[]) => Promise<void>
  readonly #onError: (error: unknown) => void
  readonly #written = new LRUCache<string, true>({ max: 1000, ttl: writeMilliseconds })
  readonly #due = new Set<Id>()
  #timer: NodeJS.Timeout | undefined

  constructor(write: (ids: readonly Id[]) => Promise<void>, onError: (error: unknown) => void) {
    this.#write = write
    this.#onError = onError
  }

  note(id: Id): void {
    if (this.#written.has(id)) return
    this.#written.set(id, true)
    this.#due.add(id)
    this.#timer ??= setTimeout(() => void this.#flush(), flushMilliseconds).unref()
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const ids = [...this.#due]
    this.#due.clear()
    if (ids.length === 0) return
    // After a failure, the next use is written.
    await this.#write(ids).catch((error: unknown) => {
      for (const id of ids) this.#written.delete(id)
      this.#onError(error)
    })
  }

  close(): Promise<void> {
    return this.#flush()
  }
}
