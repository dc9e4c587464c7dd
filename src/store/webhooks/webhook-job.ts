import { createHash } from 'node:crypto'
import { PgBoss, type ConstructorOptions, type Db as Database } from 'pg-boss'
import type { Db, Tx } from '../engine/db.ts'

/** Of what one subject has to tell to one endpoint. */
export interface WebhookQueue {
  readonly queueId: string
  readonly url: string
}

/** A queue that this process is to tell. */
export interface WebhookJob extends WebhookQueue {
  readonly id: string
  /** How often it has failed or was left behind by a process that died. */
  readonly retryCount: number
}

/** pg-boss's queue of all jobs. Its name, and `laneId` in a job, are what earlier versions wrote and may still be reading. */
const jobQueue = 'webhook-lane'

interface JobData {
  readonly laneId: string
  readonly url: string
}

/** For how long a job is its worker's. What a process that died was working comes back after that. */
export const jobSeconds = 15

/** Of all queues to one endpoint, on all processes: one that hangs leaves the others their turn. */
const maxQueuesOfEndpoint = 8

/** Hardly a loop of its own: who works the jobs says when to look. The queue's settings are read once, when it starts. */
const options = {
  supervise: false,
  schedule: false,
  registerInstance: false,
  reindex: false,
  monitorVacuum: false,
  // Every process looks for itself: the one that did so last may be the one that died.
  monitorIntervalSeconds: 1,
  queueCacheIntervalSeconds: 86_400,
  openTelemetry: { enabled: false },
} satisfies ConstructorOptions

/** Makes what jobs need in the database, or brings it up to date. */
export async function installWebhookJobs(db: Database): Promise<void> {
  const boss = new PgBoss({ ...options, db })
  // What fails here fails the start; this is about what goes on behind it.
  boss.on('error', () => {})
  try {
    await boss.start()
    await boss.createQueue(jobQueue, {
      // At most one job of a queue, waiting, being worked or to be tried again.
      policy: 'exclusive',
      expireInSeconds: jobSeconds,
      // How long a delivery is tried is counted from the delivery.
      retryLimit: 1_000_000_000,
      retryBackoff: true,
      retryDelay: 1,
      retryDelayMax: 3600,
      retentionSeconds: 10 * 365 * 86_400,
    })
  } finally {
    await boss.stop({ graceful: false })
  }
}

/**
 * Jobs of pg-boss that say which queues have something to tell. They bring no order and carry no delivery: a queue's deliveries are told in
 * the order of their numbers by whoever works its job.
 *
 * No delivery is without a job: it is inserted in the delivery's transaction, after the queue's lock was taken; and a job is deleted only
 * under that lock, when nothing is left.
 */
export class WebhookJobs {
  readonly #boss: PgBoss

  private constructor(boss: PgBoss) {
    this.#boss = boss
  }

  static async open(db: Db, onError: (error: unknown) => void): Promise<WebhookJobs> {
    const boss = new PgBoss({ ...options, db: toDatabase(db) })
    boss.on('error', onError)
    await boss.start()
    return new WebhookJobs(boss)
  }

  /** One statement. A queue that has a job keeps it. */
  async insert(tx: Tx, queues: readonly WebhookQueue[]): Promise<void> {
    const jobs = queues.map(({ queueId, url }) => ({
      singletonKey: queueId,
      data: { laneId: queueId, url } satisfies JobData,
      group: { id: createHash('sha256').update(url).digest('hex') },
    }))
    await this.#boss.insert(jobQueue, jobs, { db: toDatabase(tx) })
  }

  /** Takes jobs that are due. Any number of processes may do so at once; it may be fewer than there are. */
  async take(most: number): Promise<WebhookJob[]> {
    const jobs = await this.#boss.fetch<JobData>(jobQueue, { batchSize: most, groupConcurrency: maxQueuesOfEndpoint })
    return jobs.map(({ id, retryCount, data: { laneId, url } }) => ({ id, retryCount, queueId: laneId, url }))
  }

  /** Nothing is left to tell. To be called under the queue's lock. */
  async delete(tx: Tx, job: WebhookJob): Promise<void> {
    await this.#boss.deleteJob(jobQueue, attemptOf(job), { db: toDatabase(tx) })
  }

  /** Another is to go on at once, and has never failed. */
  async renew(db: Db, job: WebhookJob): Promise<void> {
    await db.transaction(async (tx) => {
      await this.delete(tx, job)
      await this.insert(tx, [job])
    })
  }

  /** It is due again after a while, longer each time. */
  async fail(job: WebhookJob): Promise<void> {
    await this.#boss.fail(jobQueue, attemptOf(job))
  }

  /** Brings back what processes that died were working. */
  async supervise(): Promise<void> {
    await this.#boss.supervise(jobQueue)
  }

  /** Brings back at once whatever is being worked: where no other process can be. */
  async renewAll(db: Db): Promise<void> {
    const jobs = await this.#boss.findJobs<JobData>(jobQueue, { limit: 100_000 })
    for (const { id, retryCount, state, data } of jobs) {
      if (state === 'active') await this.renew(db, { id, retryCount, queueId: data.laneId, url: data.url })
    }
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false })
  }
}

/** By its number pg-boss knows whether a job is still the caller's, and otherwise leaves it alone. */
function attemptOf({ id, retryCount }: WebhookJob): { id: string; retryCount: number } {
  return { id, retryCount }
}

/** Our connection as pg-boss uses one. What comes without parameters may be several statements. */
export function toDatabase(db: Db | Tx): Database {
  return {
    executeSql: async (text, values = []) => {
      if (values.length > 0 || db.inTransaction) return { rows: await db.run(text, values) }
      return { rows: await db.runScript(text) }
    },
  }
}
