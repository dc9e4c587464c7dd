import type { Config } from '../../config/config.ts'
import { hideCredentials, type Logger } from '../../config/logger.ts'
import type { RedisInfo } from '../../live/redis-info.ts'
import type { Finding } from '../../model/finding.ts'
import { readDatabaseStatus, type DatabaseStatus } from '../../store/database-status.ts'
import { inspectDatabase } from '../../store/doctor/doctor.ts'
import type { Db } from '../../store/engine/db.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { readQueueStatus, type QueueStatus } from '../../store/queue-status.ts'
import { SharedReading } from '../shared-reading.ts'
import { inspectSystem, unreachable, type Environment } from './inspection.ts'

/** How long what was read of the database and Redis counts, in milliseconds, and how long an answer waits for it. */
const statusMilliseconds = { fresh: 2000, wait: 2000 }

/** The same of what is odd: looking for it takes some dozens of statements. */
const findingsMilliseconds = { fresh: 60_000, wait: 3000 }

/** What the heartbeat knows of the database. */
interface Pulse {
  readonly isAnswering: boolean
  /** Since the last answer, in milliseconds. */
  readonly age: number
  /** The time that the last answer took, in milliseconds. */
  readonly roundTrip: number
  /** Since it was back, in milliseconds; infinite where it was never away. */
  readonly sinceBack: number
}

/** The Redis of this process. */
export interface OperatedRedis {
  readonly isAway: () => boolean
  readonly read: () => Promise<RedisInfo>
}

interface Parts {
  readonly db: Db
  readonly logger: Logger
  readonly config: Config
  readonly environment: Environment
  readonly isEmbedded: boolean
  readonly pulse: Pulse
  /** Lends a connection that no caller's statement waits for. */
  readonly withInspection: <Result>(work: (db: Db) => Promise<Result>) => Promise<Result>
  readonly redis: OperatedRedis | undefined
}

/** What the deployment as a whole is like, as this process sees it. However many ask, each part is read once in a while. */
export class Deployment {
  readonly #parts: Parts
  readonly database: SharedReading<DatabaseStatus>
  readonly queues: SharedReading<QueueStatus>
  readonly redis: SharedReading<RedisInfo> | undefined
  readonly findings: SharedReading<readonly Finding[]>

  constructor(parts: Parts) {
    const { db, logger, isEmbedded, redis } = parts
    this.#parts = parts
    const onError = (error: unknown): void => {
      // The log has an outage from whoever else asks the database.
      if (!isUnavailable(error)) logger.error({ err: error }, 'the state of the deployment cannot be read')
    }
    this.database = new SharedReading(() => readDatabaseStatus(db, isEmbedded), { ...statusMilliseconds, onError })
    this.queues = new SharedReading(() => readQueueStatus(db), { ...statusMilliseconds, onError })
    this.redis = redis && new SharedReading(redis.read, { ...statusMilliseconds, onError: () => {} })
    this.findings = new SharedReading(() => this.#inspect(), { ...findingsMilliseconds, onError })
  }

  get isEmbedded(): boolean {
    return this.#parts.isEmbedded
  }

  get pulse(): Pulse {
    return this.#parts.pulse
  }

  get isRedisAway(): boolean {
    return this.#parts.redis?.isAway() ?? false
  }

  async #inspect(): Promise<readonly Finding[]> {
    const { config, environment, isEmbedded, redis, withInspection } = this.#parts
    const context = { isEmbedded, silenceSeconds: config.STREAM_SILENCE_SECONDS }
    const report = await inspectSystem(config, environment, {
      readDatabase: () =>
        withInspection((db) => inspectDatabase(db, context)).catch((error: unknown) =>
          unreachable(hideCredentials(error instanceof Error ? error.message : String(error))),
        ),
      readRedis: redis?.read,
      dataDirectory: isEmbedded ? config.DATA_DIR : undefined,
    })
    return report.findings
  }
}
