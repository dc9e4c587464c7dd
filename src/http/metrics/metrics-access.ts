import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { App } from '../../domain/app.ts'
import { ChatError } from '../../model/error.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { authenticateBackend } from '../auth.ts'

/** How long credentials that were right go on to open the metrics while the database cannot be asked, in milliseconds. */
const rememberedMilliseconds = 3_600_000

/** How many are remembered. A server of metrics has one. */
const maxRemembered = 20

/** After so long without an answer to the heartbeat, those that are remembered wait no longer for one, in milliseconds. */
const silentMilliseconds = 4000

/**
 * Who may read metrics: the backend. While the database does not answer, when metrics are needed most, its last answer about the same credentials
 * counts.
 */
export class MetricsAccess {
  readonly #app: App
  readonly #databaseAge: () => number
  readonly #known = new LRUCache<string, true>({ max: maxRemembered, ttl: rememberedMilliseconds })

  /** `databaseAge` is the time since the database has last answered, in milliseconds. */
  constructor(app: App, databaseAge: () => number) {
    this.#app = app
    this.#databaseAge = databaseAge
  }

  /** Throws as `authenticateBackend`. */
  async check(request: IncomingMessage): Promise<void> {
    const digest = createHash('sha256')
      .update(request.headers.authorization ?? '')
      .digest('hex')
    const isKnown = this.#known.has(digest)
    if (isKnown && this.#databaseAge() > silentMilliseconds) return
    try {
      await authenticateBackend(this.#app, request, undefined)
      this.#known.set(digest, true)
    } catch (error) {
      if (isKnown && isUnavailable(error)) return
      if (error instanceof ChatError && error.code === 'UNAUTHENTICATED') this.#known.delete(digest)
      throw error
    }
  }
}
