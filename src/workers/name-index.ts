import type { Logger } from '../config/logger.ts'
import type { Db } from '../store/engine/db.ts'
import { writeOldUserNames } from '../store/user-name.ts'

const hour = 3_600_000

/** Users of one transaction, which takes a statement for each. */
const batch = 200

/**
 * Writes what users are found by that were made before there was such a table: at the start, in small transactions, and an hour later what
 * has failed, where `leads`. Several processes share the work. Where nothing is to be done this takes a statement.
 */
export class NameIndex {
  readonly #db: Db
  readonly #logger: Logger
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  #running: Promise<void>
  /** Whether names of users are being written. */
  isWriting = false
  #isClosed = false

  constructor(db: Db, logger: Logger, leads = () => true) {
    this.#db = db
    this.#logger = logger
    this.#leads = leads
    this.#running = this.#run()
    this.#timer = setInterval(() => {
      this.#running = this.#run()
    }, hour)
    this.#timer.unref()
  }

  async #run(): Promise<void> {
    if (!this.#leads()) return
    try {
      for (let written = batch; written === batch && !this.#isClosed;) {
        written = await writeOldUserNames(this.#db, batch)
        this.isWriting = written === batch
      }
    } catch (error) {
      this.isWriting = false
      this.#logger.warn({ err: error }, 'names of users were not written')
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#running
  }
}
