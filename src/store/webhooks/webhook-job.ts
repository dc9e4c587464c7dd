import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { PgBoss, type ConstructorOptions, type Db as Database } from 'pg-boss'
import packageJson from 'pg-boss/package.json' with { type: 'json' }
import type { Db, Tx } from '../engine/db.ts'

/** The ordered queue of one subject's deliveries to one endpoint. */
export interface WebhookQueue {
  readonly queueId: string
  readonly url: string
}

/** A queue that this process works on. */
export interface WebhookJob extends WebhookQueue {
  readonly id: string
  /** How often it failed or expired. */
  readonly retryCount: number
}

/** pg-boss's queue of all jobs. Its name and `laneId` in a job are shared with servers of earlier versions. */
export const jobQueue = 'webhook-lane'

/** The version of pg-boss’s tables that this process is made for. */
export const jobsVersion = packageJson.pgboss.schema

interface JobData {
  readonly laneId: string
  readonly url: string
}

/** When the job of a process that died expires, in seconds. */
export const jobSeconds = 15

/** How many queues to one endpoint all processes work on at once, so that an endpoint that hangs does not take all places. */
const maxQueuesOfEndpoint = 8

/** pg-boss's own loops are off: the worker says when to fetch. The queue's settings are read once, when it starts. */
const options = {
  supervise: false,
  schedule: false,
  registerInstance: false,
  reindex: false,
  monitorVacuum: false,
  // Each process reclaims jobs itself: the one that did so last may be the one that died.
  monitorIntervalSeconds: 1,
  queueCacheIntervalSeconds: 86_400,
  openTelemetry: { enabled: false },
} satisfies ConstructorOptions

/** How long the indexes that a newer pg-boss brings may take, in milliseconds. */
const indexMilliseconds = 3_600_000

/** Creates or migrates the tables of pg-boss. Only the process that migrates may do so. */
export async function installWebhookJobs(db: Database): Promise<void> {
  // The shortest that pg-boss takes: how soon it looks again for indexes to build.
  const boss = new PgBoss({ ...options, bamIntervalSeconds: 10, db })
  // What fails here throws; this handles errors of the background.
  boss.on('error', () => {})
  try {
    await boss.start()
    await boss.createQueue(jobQueue, {
      // At most one job per queue, whatever its state.
      policy: 'exclusive',
      expireInSeconds: jobSeconds,
      // The deliveries themselves say how long they are tried.
      retryLimit: 1_000_000_000,
      retryBackoff: true,
      retryDelay: 1,
      retryDelayMax: 3600,
      retentionSeconds: 10 * 365 * 86_400,
    })
    await indexesBuilt(boss)
  } finally {
    await boss.stop({ graceful: false })
  }
}

/** Waits for the indexes that pg-boss builds in the background after a migration, on the connection that it was given. */
async function indexesBuilt(boss: PgBoss): Promise<void> {
  for (const end = performance.now() + indexMilliseconds; performance.now() < end; await delay(100)) {
    const commands = await boss.getBamStatus()
    if (commands.every(({ status }) => status === 'completed')) return
  }
  throw new Error('the indexes of pg-boss were not built within an hour')
}

/**
 * Jobs of pg-boss that say which queues have deliveries waiting. They order nothing and carry no delivery: the worker of a queue's job sends
 * its deliveries by number.
 *
 * No delivery is without a job: the job is inserted in the delivery's transaction, after the queue's lock was taken, and a job is deleted
 * only under that lock, when no delivery is left.
 */
export class WebhookJobs {
  readonly #boss: PgBoss

  private constructor(boss: PgBoss) {
    this.#boss = boss
  }

  /** The tables must have been made, by this version or, while both run, by the next one. */
  static async open(db: Db, onError: (error: unknown) => void): Promise<WebhookJobs> {
    const create = (migrate: boolean): PgBoss => new PgBoss({ ...options, migrate, db: toDatabase(db) })
    let boss = create(false)
    // Without the right to migrate, pg-boss refuses newer tables, too; with it, it leaves them as they are.
    if (((await boss.schemaVersion()) ?? 0) > jobsVersion) boss = create(true)
    boss.on('error', onError)
    await boss.start()
    return new WebhookJobs(boss)
  }

  /** Inserts the jobs of queues, in one statement. A queue that has a job keeps it. */
  async insert(tx: Tx, queues: readonly WebhookQueue[]): Promise<void> {
    const jobs = queues.map(({ queueId, url }) => ({
      singletonKey: queueId,
      data: { laneId: queueId, url } satisfies JobData,
      group: { id: createHash('sha256').update(url).digest('hex') },
    }))
    await this.#boss.insert(jobQueue, jobs, { db: toDatabase(tx) })
  }

  /** Fetches jobs that are due, perhaps fewer than there are. Any number of processes may do so at once. */
  async fetch(max: number): Promise<WebhookJob[]> {
    const jobs = await this.#boss.fetch<JobData>(jobQueue, { batchSize: max, groupConcurrency: maxQueuesOfEndpoint })
    return jobs.map(({ id, retryCount, data: { laneId, url } }) => ({ id, retryCount, queueId: laneId, url }))
  }

  /** Ends a job when no delivery is left. To be called under the queue's lock. */
  async delete(tx: Tx, job: WebhookJob): Promise<void> {
    await this.#boss.deleteJob(jobQueue, attemptOf(job), { db: toDatabase(tx) })
  }

  /** Replaces a job by a new one that is due at once and has never failed. */
  async renew(db: Db, job: WebhookJob): Promise<void> {
    await db.transaction(async (tx) => {
      await this.delete(tx, job)
      await this.insert(tx, [job])
    })
  }

  /** Has the job tried again after a while, longer each time. */
  async fail(job: WebhookJob): Promise<void> {
    await this.#boss.fail(jobQueue, attemptOf(job))
  }

  /** Reclaims the expired jobs of processes that died. */
  async supervise(): Promise<void> {
    await this.#boss.supervise(jobQueue)
  }

  /** Reclaims all jobs that are being worked on, at once. Only for a start where no other process can be. */
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

/** pg-boss changes a job only while its retry count is this one, and so the job is still the caller's. */
function attemptOf({ id, retryCount }: WebhookJob): { id: string; retryCount: number } {
  return { id, retryCount }
}

/** Our connection in the form that pg-boss takes. Its texts without parameters may be several statements. */
export function toDatabase(db: Db | Tx): Database {
  return {
    executeSql: async (text, values = []) => {
      if (values.length > 0 || db.inTransaction) return { rows: await db.run(text, values) }
      return { rows: await db.runScript(text) }
    },
  }
}
