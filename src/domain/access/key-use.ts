import { LRUCache } from 'lru-cache'
import type { ApiKeyId } from '../../model/sid.ts'
import { writeApiKeyUse } from '../../store/account.ts'
import type { Db } from '../../store/engine/db.ts'

/** How often the use of one key is written at most, in milliseconds. */
const writeMilliseconds = 60_000

/** How long a write waits for others to join it, in milliseconds. */
const flushMilliseconds = 500

/** Writes when API keys were last used: each at most once a minute, many in one statement. */
export class KeyUse {
  readonly #db: Db
  readonly #onError: (error: unknown) => void
  readonly #written = new LRUCache<string, true>({ max: 1000, ttl: writeMilliseconds })
  readonly #due = new Set<ApiKeyId>()
  #timer: NodeJS.Timeout | undefined

  constructor(db: Db, onError: (error: unknown) => void) {
    this.#db = db
    this.#onError = onError
  }

  note(keyId: ApiKeyId): void {
    if (this.#written.has(keyId)) return
    this.#written.set(keyId, true)
    this.#due.add(keyId)
    this.#timer ??= setTimeout(() => void this.#flush(), flushMilliseconds).unref()
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const ids = [...this.#due]
    this.#due.clear()
    if (ids.length === 0) return
    // After a failure, the next use is written.
    await writeApiKeyUse(this.#db, ids).catch((error: unknown) => {
      for (const id of ids) this.#written.delete(id)
      this.#onError(error)
    })
  }

  close(): Promise<void> {
    return this.#flush()
  }
}
