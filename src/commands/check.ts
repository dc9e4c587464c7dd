import { inspectConfig } from '../config/read-config.ts'
import { oddSettings } from '../domain/deployment/odd-settings.ts'
import { issuerFindings, redisProbe } from '../domain/deployment/system-probes.ts'
import { redisReader } from '../live/redis-info.ts'
import { connectBackupSocket } from '../store/engine/server-socket.ts'
import { report, type Outcome, type Output } from './command.ts'
import { databaseProbe } from './probes/database.ts'
import { fileFindings } from './probes/files.ts'
import { portFindings, publicUrlFindings, readRunningServer } from './probes/network.ts'
import { faultFindings } from './probes/settings.ts'
import { reportOf } from './report.ts'

export async function check(output: Output): Promise<0 | 1 | 3> {
  return report('check', output, () => inspectSettings(process.env))
}

/** Looks at all that a start needs, and changes nothing. A setting that is wrong keeps only what it names from being tried. */
export async function inspectSettings(environment: Readonly<Record<string, string | undefined>>): Promise<Outcome> {
  const { config, faults } = inspectConfig(environment)
  const wrong = new Set(faults.map(({ setting }) => setting.replace(/_FILE$/, '')))
  const ifRight = async <Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result | undefined> =>
    names.some((name) => wrong.has(name)) ? undefined : work()
  const [running, database, redis, issuer, publicUrl] = await Promise.all([
    ifRight(['PORT', 'HOST'], async () => ({ server: await readRunningServer(config) })),
    ifRight(['DATABASE_URL', 'DATABASE_DIRECT_URL', 'DATABASE_CONNECT_TIMEOUT', 'PROCESSES', 'DATABASE_POOL'], () =>
      databaseProbe(config),
    ),
    ifRight(['REDIS_URL'], () => redisProbe(redisReader(config))),
    ifRight(['JWKS_URL'], () => issuerFindings(config)),
    ifRight(['PUBLIC_URL'], () => publicUrlFindings(config)),
  ])
  const isServed = config.DATABASE_URL === undefined && (await connectBackupSocket(config.DATA_DIR)) !== undefined
  const findings = [
    ...faultFindings(faults),
    ...(database?.findings ?? []),
    ...(redis?.findings ?? []),
    ...((await ifRight(['DATABASE_URL', 'DATABASE_DIRECT_URL', 'DATA_DIR', 'PERSISTED_DOCUMENTS'], () =>
      fileFindings(config, isServed),
    )) ?? []),
    ...(running ? await portFindings(config, running.server) : []),
    ...(issuer ?? []),
    ...(publicUrl ?? []),
    ...oddSettings(config, environment),
  ]
  return reportOf({ database: database?.facts, redis: redis?.info }, findings)
}
