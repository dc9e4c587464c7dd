import type { Logger } from '../config/logger.ts'
import { historyHours } from '../domain/deployment/process.ts'
import { limits } from '../model/limits.ts'
import { deleteOldAuditEntries } from '../store/audit-entry.ts'
import { deleteEndedConsoleSessions } from '../store/console-session.ts'
import { deleteUnseenDevices } from '../store/delivery.ts'
import type { Db } from '../store/engine/db.ts'
import { deleteEndedJobs } from '../store/job.ts'
import { deleteTruncatedMessages } from '../store/message.ts'
import { deleteProcessMinutes } from '../store/process.ts'
import { deleteUnsaved } from '../store/saved-message.ts'
import { deleteEndedScheduled, fillServicesOfScheduled } from '../store/scheduled-message.ts'
import { beforeEnded, deleteUnseenMentions, firstEnded } from '../store/unseen-mention.ts'
import { deleteSettledWebhookDeliveries } from '../store/webhooks/webhook-delivery.ts'

const hour = 3_600_000

export interface CleanupDays {
  /** Devices that have not connected for so many days are deleted. */
  readonly devices: number
  /** Settled webhook deliveries that are older than so many days are deleted. */
  readonly webhookDeliveries: number
  /** Audit entries that are older than so many days are deleted. */
  readonly audit: number
}

/** Deletes what is too old to be kept, at once and every hour: where `leads`. Several processes may do so at the same time. */
export class Cleanup {
  readonly #db: Db
  readonly #days: CleanupDays
  readonly #logger: Logger
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  #ended = firstEnded
  #running: Promise<void>

  constructor(db: Db, days: CleanupDays, logger: Logger, leads = () => true) {
    this.#db = db
    this.#days = days
    this.#logger = logger
    this.#leads = leads
    this.#running = this.#run()
    this.#timer = setInterval(() => {
      this.#running = this.#run()
    }, hour)
    this.#timer.unref()
  }

  /** Never throws: what failed is tried again an hour later. */
  async #run(): Promise<void> {
    if (!this.#leads()) return
    const db = this.#db
    const { devices, webhookDeliveries, audit } = this.#days
    await this.#clean('unseen devices', () => deleteUnseenDevices(db, daysAgo(devices)))
    await this.#clean('truncated messages', () => deleteTruncatedMessages(db))
    await this.#clean('old webhook deliveries', () => deleteSettledWebhookDeliveries(db, daysAgo(webhookDeliveries)))
    await this.#clean('old audit entries', () => deleteOldAuditEntries(db, daysAgo(audit)))
    await this.#clean('scheduled messages that have ended', () => deleteEndedScheduled(db, daysAgo(limits.endedDays)))
    await this.#clean('jobs that have ended', () => deleteEndedJobs(db, daysAgo(limits.endedDays)))
    await this.#clean('services of scheduled messages', () => fillServicesOfScheduled(db), 'filled in')
    await this.#clean('saved messages that were taken out', () => deleteUnsaved(db, daysAgo(limits.endedDays)))
    await this.#clean('sessions of the console that have ended', () => deleteEndedConsoleSessions(db))
    await this.#clean('minutes of processes', () => deleteProcessMinutes(db, hoursAgo(historyHours)))
    await this.#clean('mentions that nobody sees', () => this.#deleteUnseenMentions())
  }

  async #clean(what: string, work: () => Promise<number>, did = 'deleted'): Promise<void> {
    try {
      const rows = await work()
      if (rows > 0) this.#logger.info({ rows }, `${what} ${did}`)
    } catch (error) {
      this.#logger.warn({ err: error }, `${what} were not ${did}`)
    }
  }

  /** Goes on where the last run came to; a process that starts goes through all memberships that have ended. */
  async #deleteUnseenMentions(): Promise<number> {
    let count = 0
    this.#ended = beforeEnded(this.#ended)
    for (;;) {
      const { deleted, place, hasMore } = await deleteUnseenMentions(this.#db, this.#ended)
      count += deleted
      this.#ended = place
      if (!hasMore) return count
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}

const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * hour)
const daysAgo = (days: number): Date => hoursAgo(24 * days)
