import type { Logger } from '../config/logger.ts'
import { deleteUnseenDevices } from '../store/delivery.ts'
import type { Db } from '../store/engine/db.ts'

const hour = 3_600_000
const day = 24 * hour

/** Forgets devices that have not connected for so many days: now, and every hour. Several processes may do it at once. */
export class DeviceSweep {
  readonly #db: Db
  readonly #days: number
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout
  #running: Promise<void>

  constructor(db: Db, days: number, logger: Logger) {
    this.#db = db
    this.#days = days
    this.#logger = logger
    this.#timer = setInterval(() => void this.run(), hour)
    this.#timer.unref()
    this.#running = this.run()
  }

  run(): Promise<void> {
    this.#running = deleteUnseenDevices(this.#db, new Date(Date.now() - this.#days * day)).then(
      (devices) => {
        if (devices > 0) this.#logger.info({ devices }, 'unseen devices forgotten')
      },
      (error: unknown) => this.#logger.warn({ err: error }, 'unseen devices were not forgotten'),
    )
    return this.#running
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
