import type { Logger } from '../config/logger.ts'
import type { ChannelId } from '../model/sid.ts'
import { refreshChannelSummaries } from '../store/channel-summary.ts'
import type { Db } from '../store/engine/db.ts'

const minute = 60_000

/** Refreshes what public channels are listed by, at once and every minute: where `leads`. Several processes may do so at the same time. */
export class ChannelSummaries {
  readonly #db: Db
  readonly #logger: Logger
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  /** Where the last run had to stop. */
  #after: ChannelId | undefined
  #running: Promise<void> | undefined

  constructor(db: Db, logger: Logger, leads = () => true) {
    this.#db = db
    this.#logger = logger
    this.#leads = leads
    this.#start()
    this.#timer = setInterval(() => this.#start(), minute)
    this.#timer.unref()
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Never throws: what failed is tried again a minute later. */
  async #run(): Promise<void> {
    if (!this.#leads()) return
    try {
      this.#after = await refreshChannelSummaries(this.#db, this.#after)
    } catch (error) {
      this.#logger.warn({ err: error }, 'the summaries of public channels were not refreshed')
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
