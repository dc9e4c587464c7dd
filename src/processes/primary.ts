import { firstGreeting, greeting } from '../commands/greeting.ts'
import { assertConnectionsFit } from '../commands/pool-share.ts'
import { stopOnSignals } from '../commands/stop-on-signals.ts'
import type { Config } from '../config/config.ts'
import { openLogDestination } from '../config/log-format.ts'
import { createLogger } from '../config/logger.ts'
import { readSecretKey } from '../config/secret-key.ts'
import { ensureAccount, type AccountSecrets } from '../domain/access/account.ts'
import { createSecretBox } from '../domain/access/secret.ts'
import { assertCanListen } from '../http/listen.ts'
import { createMemoryExpiringSet } from '../live/memory-expiring-set.ts'
import { findOutage } from '../store/engine/outage.ts'
import { openStore } from '../store/open-store.ts'
import { Desk } from './desk.ts'
import { makeLinkDirectory } from './link-directory.ts'
import { WorkerEndedError, WorkerPool } from './worker-pool.ts'

/** Prepares everything, starts so many workers, and looks after them. It does no work itself, and keeps no connection to the database. */
export async function startPrimary(config: Config, count: number): Promise<void> {
  const logger = createLogger(config.LOG_LEVEL, { findOutage, destination: await openLogDestination(config) })
  let isReady = false
  let pool: WorkerPool | undefined
  const stop = stopOnSignals(logger, () => (isReady ? pool : undefined))
  // Where it ends before all are ready. They stop by themselves when it is gone; these have nothing to finish.
  process.on('exit', () => {
    if (!isReady) pool?.kill()
  })
  await assertCanListen(config.PORT, config.HOST)
  const account = await prepare(config, count)
  const directory = config.REDIS_URL === undefined ? await makeLinkDirectory() : undefined
  process.on('exit', () => directory?.remove())
  let url = ''
  const desk = new Desk(createMemoryExpiringSet(), {
    othersThan: (worker) => pool!.othersThan(worker),
    askMetrics: (worker, number) => {
      if (pool!.isAlive(worker)) pool!.send(worker, { type: 'metricsAsked', number })
    },
    answer: (worker, answers) => pool!.send(worker, { type: 'answers', answers }),
  })
  pool = new WorkerPool({
    count,
    directory: directory?.path,
    logger,
    drainMilliseconds: (config.DRAIN_DELAY + config.DRAIN_SECONDS) * 1000,
    onMessage: (worker, message) => {
      if (message.type === 'ready') url = message.url
      else if (message.type === 'metrics') desk.onMetrics(worker, message.number, message.metrics)
      else if (message.type === 'questions') desk.onQuestions(worker, message.questions)
      else if (message.type === 'outdated') stop({ reason: 'this version is too old for the database' }, false)
    },
    onGivenUp: (reason) => {
      process.stderr.write(`fonechat ends: ${reason}\n`)
      process.exit(1)
    },
  })
  try {
    await pool.start()
  } catch (error) {
    if (error instanceof WorkerEndedError) process.exit(1)
    throw error
  }
  isReady = true
  process.stdout.write(greeting(url, account, config))
}

/** Migrates, makes the account and its keys, and checks that Postgres has connections for so many workers. */
async function prepare(config: Config, count: number): Promise<AccountSecrets> {
  const store = await openStore(
    { ...config, DATABASE_POOL: 1 },
    {
      onProgress: (step, sentence) => void process.stderr.write(`Migrating the database, ${step}: ${sentence}\n`),
    },
  )
  try {
    await assertConnectionsFit(store.db, config, count)
    const account = await ensureAccount(store.db, createSecretBox(await readSecretKey(config)), config)
    if (account.isNew && config.AUTH_TOKEN === undefined) process.stdout.write(firstGreeting(account))
    return account
  } finally {
    await store.close()
  }
}
