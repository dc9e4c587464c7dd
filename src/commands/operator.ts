import type { Config } from '../config/config.ts'
import { readSecretKey } from '../config/secret-key.ts'
import { createCaches } from '../domain/access/cache.ts'
import { DeletionWatch } from '../domain/access/deletion-watch.ts'
import {
  answerOperatorCall,
  OperatorRefusal,
  readOperatorAnswer,
  type OperatorApp,
  type OperatorCall,
} from '../domain/access/operator.ts'
import { createSecretBox } from '../domain/access/secret.ts'
import { Clock } from '../domain/clock.ts'
import { createMemoryBus } from '../live/memory-bus.ts'
import { SettingError } from '../model/setting-error.ts'
import { readFirstAccount } from '../store/account.ts'
import type { Db } from '../store/engine/db.ts'
import { CallError, callServer } from '../store/engine/server-socket.ts'
import { planMigration } from '../store/migration.ts'
import { inspectionTimeouts, openUnmigrated } from '../store/open-store.ts'
import { emptyDatabase, runOnSettings, type Outcome, type Output } from './command.ts'

/** Runs a command that asks what a server may be asked for, and prints what `toOutcome` makes of its answer. */
export async function runOperatorCall(
  name: string,
  output: Output,
  call: OperatorCall,
  toOutcome: (answer: never) => Outcome,
): Promise<0 | 1 | 3> {
  return runOnSettings(name, output, async (config, onFirstStart) => {
    try {
      return toOutcome((await askServer(config, call, onFirstStart)) as never)
    } catch (error) {
      if (error instanceof OperatorRefusal) throw new SettingError(error.message, { cause: error })
      throw error
    }
  })
}

/** Asks the server that has the embedded engine, or the database itself. */
async function askServer(config: Config, call: OperatorCall, onFirstStart: () => never): Promise<object> {
  const text = JSON.stringify(call)
  return readOperatorAnswer(
    (await askRunning(config, text)) ??
      (await withDatabase(config, onFirstStart, async (db) => {
        const app = await openOperatorApp(db, config)
        return answerOperatorCall(app, text)
      })),
  )
}

/** The answer of the server that has the folder of the embedded engine; undefined where none has. */
export async function askRunning({ DATABASE_URL, DATA_DIR }: Config, call: string): Promise<string | undefined> {
  if (DATABASE_URL !== undefined) return undefined
  try {
    return await callServer(DATA_DIR, call)
  } catch (error) {
    if (error instanceof CallError) throw new SettingError(`DATA_DIR: ${error.message}`, { cause: error })
    throw error
  }
}

export async function withDatabase<Result>(
  config: Config,
  onFirstStart: () => never,
  work: (db: Db) => Promise<Result>,
): Promise<Result> {
  const { db, close } = await openUnmigrated(config, inspectionTimeouts, { onFirstStart })
  try {
    return await work(db)
  } finally {
    await close()
  }
}

/** What operations on keys and tokens use. Other processes learn of a change as they do where a hint was lost: within seconds. */
async function openOperatorApp(db: Db, config: Config): Promise<OperatorApp> {
  const steps = await planMigration(db)
  if (steps.length > 0) {
    throw new SettingError('the database is behind this version; run `fonechat migrate`, or the version of its servers')
  }
  const account = await readFirstAccount(db)
  if (!account) throw emptyDatabase(config)
  const clock = new Clock()
  const [time] = await db.run<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now', [])
  clock.learn(time!.now)
  return {
    accountId: account.id,
    bus: createMemoryBus(),
    caches: createCaches(),
    clock,
    config,
    db,
    deletionWatch: new DeletionWatch(),
    isEmbedded: config.DATABASE_URL === undefined,
    secrets: createSecretBox(await readSecretKey(config)),
  }
}
