import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { hideCredentials } from '../config/logger.ts'
import { readOperatorAnswer } from '../domain/access/operator.ts'
import type { Finding } from '../model/finding.ts'
import { SettingError } from '../model/setting-error.ts'
import { inspectDatabase, type DatabaseReport } from '../store/doctor/doctor.ts'
import { runOnSettings, type Outcome, type Output } from './command.ts'
import { askRunning, withDatabase } from './operator.ts'
import { diskFindings } from './probes/files.ts'
import { issuerFindings, readRunningServer, redisProbe, serverFindings } from './probes/network.ts'
import { oddSettings } from './probes/settings.ts'
import { reportOf } from './report.ts'
import { explainStartError } from './start-error.ts'

export async function doctor(output: Output): Promise<0 | 1 | 3> {
  return runOnSettings('doctor', output, (config, onFirstStart) => inspectSystem(config, process.env, onFirstStart))
}

/** Looks at a system that is in use: its database, what is beside it, and the server where it answers. */
export async function inspectSystem(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  onFirstStart: () => never,
): Promise<Outcome> {
  const [database, redis, issuer, running] = await Promise.all([
    databaseReport(config, onFirstStart),
    redisProbe(config),
    issuerFindings(config),
    readRunningServer(config),
  ])
  const findings = [
    ...database.findings,
    ...redis.findings,
    ...issuer,
    ...serverFindings(running),
    ...(config.DATABASE_URL === undefined ? diskFindings(config.DATA_DIR) : []),
    ...oddSettings(config, environment),
  ]
  return reportOf({ database: database.facts, redis: redis.info }, findings)
}

/** Through the server that has the embedded engine, or by a connection of its own. */
async function databaseReport(
  config: Config,
  onFirstStart: () => never,
): Promise<Partial<Pick<DatabaseReport, 'facts'>> & Pick<DatabaseReport, 'findings'>> {
  try {
    const answer = await askRunning(config, JSON.stringify({ name: 'doctor' }))
    if (answer !== undefined) return readOperatorAnswer(answer) as DatabaseReport
    if (config.DATABASE_URL === undefined && !existsSync(join(config.DATA_DIR, 'pgdata.complete'))) onFirstStart()
    return await withDatabase(config, onFirstStart, (db) =>
      inspectDatabase(db, {
        isEmbedded: config.DATABASE_URL === undefined,
        silenceSeconds: config.STREAM_SILENCE_SECONDS,
      }),
    )
  } catch (error) {
    if (error instanceof SettingError) throw error
    return { findings: [unreachable(explainStartError(error, config) ?? hideCredentials(String(error)))] }
  }
}

function unreachable(sentence: string): Finding {
  return {
    code: 'database.unreachable',
    severity: 'error',
    text: `${sentence.replace(/\.$/, '')}.`,
    remedy: 'Bring the database back: until then sends fail, and what is connected waits (docs/monitoring.md).',
  }
}
