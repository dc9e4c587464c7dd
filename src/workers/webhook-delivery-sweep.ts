import type { Logger } from '../config/logger.ts'
import type { Db } from '../store/engine/db.ts'
import { deleteSettledWebhookDeliveries } from '../store/webhooks/webhook-delivery.ts'

const hour = 3_600_000
const day = 24 * hour

/** Forgets what webhooks were told so many days ago: now, and every hour. Several processes may do it at once. */
export class WebhookDeliverySweep {
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
    this.#running = deleteSettledWebhookDeliveries(this.#db, new Date(Date.now() - this.#days * day)).catch(
      (error: unknown) => this.#logger.warn({ err: error }, 'old webhook deliveries were not forgotten'),
    )
    return this.#running
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
