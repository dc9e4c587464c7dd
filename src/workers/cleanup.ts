import type { Logger } from '../config/logger.ts'
import { deleteUnseenDevices } from '../store/delivery.ts'
import type { Db } from '../store/engine/db.ts'
import { deleteTruncatedMessages } from '../store/message.ts'
import { deleteSettledWebhookDeliveries } from '../store/webhooks/webhook-delivery.ts'

const hour = 3_600_000
const day = 24 * hour

export interface CleanupDays {
  /** Devices that have not connected for so many days are deleted. */
  readonly devices: number
  /** Settled webhook deliveries that are older than so many days are deleted. */
  readonly webhookDeliveries: number
}

/** Deletes what is too old to be kept, at once and every hour. Several processes may do so at the same time. */
export class Cleanup {
  readonly #db: Db
  readonly #days: CleanupDays
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout
  #running: Promise<void>

  constructor(db: Db, days: CleanupDays, logger: Logger) {
    this.#db = db
    this.#days = days
    this.#logger = logger
    this.#running = this.#run()
    this.#timer = setInterval(() => {
      this.#running = this.#run()
    }, hour)
    this.#timer.unref()
  }

  /** Never throws: what failed is tried again an hour later. */
  async #run(): Promise<void> {
    const { devices, webhookDeliveries } = this.#days
    try {
      const deleted = await deleteUnseenDevices(this.#db, daysAgo(devices))
      if (deleted > 0) this.#logger.info({ devices: deleted }, 'unseen devices deleted')
    } catch (error) {
      this.#logger.warn({ err: error }, 'unseen devices were not deleted')
    }
    try {
      const purged = await deleteTruncatedMessages(this.#db)
      if (purged > 0) this.#logger.info({ messages: purged }, 'truncated messages deleted')
    } catch (error) {
      this.#logger.warn({ err: error }, 'truncated messages were not deleted')
    }
    try {
      await deleteSettledWebhookDeliveries(this.#db, daysAgo(webhookDeliveries))
    } catch (error) {
      this.#logger.warn({ err: error }, 'old webhook deliveries were not deleted')
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}

const daysAgo = (days: number): Date => new Date(Date.now() - days * day)
