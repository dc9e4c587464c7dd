import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { hideCredentials } from '../config/logger.ts'
import { readOperatorAnswer } from '../domain/access/operator.ts'
import {
  inspectSystem,
  unreachable,
  type Environment,
  type InspectedDatabase,
} from '../domain/deployment/inspection.ts'
import { redisReader } from '../live/redis-info.ts'
import { SettingError } from '../model/setting-error.ts'
import { inspectDatabase, type DatabaseReport } from '../store/doctor/doctor.ts'
import { runOnSettings, type Outcome, type Output } from './command.ts'
import { askRunning, withDatabase } from './operator.ts'
import { readRunningServer, serverFindings } from './probes/network.ts'
import { reportOf } from './report.ts'
import { explainStartError, refusalRemedy } from './start-error.ts'

export async function doctor(output: Output): Promise<0 | 1 | 3> {
  return runOnSettings('doctor', output, (config, onFirstStart) => inspectInUse(config, process.env, onFirstStart))
}

/** Looks at a system that is in use: its database, what is beside it, and the server where it answers. */
export async function inspectInUse(
  config: Config,
  environment: Environment,
  onFirstStart: () => never,
): Promise<Outcome> {
  const [{ facts, redis, findings }, running] = await Promise.all([
    inspectSystem(config, environment, {
      readDatabase: () => databaseReport(config, onFirstStart),
      readRedis: redisReader(config),
      dataDirectory: config.DATABASE_URL === undefined ? config.DATA_DIR : undefined,
    }),
    readRunningServer(config),
  ])
  return reportOf({ database: facts, redis }, [...findings, ...serverFindings(running)])
}

/** Through the server that has the embedded engine, or by a connection of its own. */
async function databaseReport(config: Config, onFirstStart: () => never): Promise<InspectedDatabase> {
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
    return unreachable(explainStartError(error, config) ?? hideCredentials(String(error)), refusalRemedy(error))
  }
}
