import type { Config } from '../../config/config.ts'
import type { RedisInfo } from '../../live/redis-info.ts'
import { bySeverity, type Finding } from '../../model/finding.ts'
import type { DatabaseReport } from '../../store/doctor/doctor.ts'
import { oddSettings } from './odd-settings.ts'
import { diskFindings, issuerFindings, redisProbe } from './system-probes.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Without facts where it does not answer. */
export interface InspectedDatabase extends Pick<DatabaseReport, 'findings'> {
  readonly facts?: DatabaseReport['facts'] | undefined
}

/** What is reached one way by a server and another way by a command. */
interface Ways {
  readonly readDatabase: () => Promise<InspectedDatabase>
  /** Undefined without Redis. */
  readonly readRedis: (() => Promise<RedisInfo>) | undefined
  /** The folder of the embedded engine; undefined with Postgres. */
  readonly dataDirectory: string | undefined
}

export interface SystemReport extends InspectedDatabase {
  readonly redis: RedisInfo | undefined
}

/** Looks at a system that is in use: its database, and what is beside it. */
export async function inspectSystem(config: Config, environment: Environment, ways: Ways): Promise<SystemReport> {
  const [database, redis, issuer] = await Promise.all([
    ways.readDatabase(),
    redisProbe(ways.readRedis),
    issuerFindings(config),
  ])
  const findings = [
    ...database.findings,
    ...redis.findings,
    ...issuer,
    ...(ways.dataDirectory === undefined ? [] : diskFindings(ways.dataDirectory)),
    ...oddSettings(config, environment),
  ]
  return { facts: database.facts, redis: redis.info, findings: bySeverity(findings) }
}

const bringBack = 'Bring the database back: until then sends fail, and what is connected waits (docs/monitoring.md).'

/** A database that does not answer. `sentence` says why. */
export function unreachable(sentence: string, remedy = bringBack): InspectedDatabase {
  const finding: Finding = {
    code: 'database.unreachable',
    severity: 'error',
    text: `${sentence.replace(/\.$/, '')}.`,
    remedy,
  }
  return { findings: [finding] }
}
