import { setFlagsFromString } from 'node:v8'
import { firstGreeting, greeting } from './commands/greeting.ts'
import { explainStartError } from './commands/start-error.ts'
import { stopOnSignals } from './commands/stop-on-signals.ts'
import { countProcesses, type Config } from './config/config.ts'
import { openLogDestination } from './config/log-format.ts'
import { createLogger, printError, type Logger } from './config/logger.ts'
import { readConfig } from './config/read-config.ts'
import { assertCanListen } from './http/listen.ts'
import { findSeat } from './processes/seat.ts'
import type { Server } from './server.ts'
import { findOutage } from './store/engine/outage.ts'
import { openStore, type Store } from './store/open-store.ts'

// V8 lets garbage pile up to several times of what is in use before it looks for it, and gives little of that back to the system: a
// crowd that comes and goes would leave 200 MB behind.
setFlagsFromString('--heap-growing-percent=50')

// The log is alone on stdout with the greeting; the course of a start goes to stderr.
const say = (text: string): void => void process.stderr.write(`${text}\n`)

let config: Config | undefined

async function main(): Promise<void> {
  config = readConfig(process.env)
  const seat = findSeat()
  if (seat) {
    const { startWorker } = await import('./processes/worker.ts')
    return startWorker(seat, config)
  }
  if (config.TRUST_PROXY === true) {
    const logger = await openLogger(config)
    logger.warn('TRUST_PROXY=true is read as TRUST_PROXY=1: say how many proxies there are')
  }
  const count = countProcesses(config)
  if (count === 1) return start(config)
  const { startPrimary } = await import('./processes/primary.ts')
  await startPrimary(config, count)
}

async function openLogger(config: Config): Promise<Logger> {
  return createLogger(config.LOG_LEVEL, { findOutage, destination: await openLogDestination(config) })
}

async function start(config: Config): Promise<void> {
  const logger = await openLogger(config)
  let server: Server | undefined
  const stop = stopOnSignals(logger, () => server)
  await assertCanListen(config.PORT, config.HOST)
  const open = () =>
    openStore(config, {
      onFirstStart: () => say(`Making the database in ${config.DATA_DIR}. The first start takes a few seconds …`),
      onProgress: (step, sentence) => say(`Migrating the database, ${step}: ${sentence}`),
    })
  let store: Store | undefined
  try {
    const loading = import('./server.ts')
    // Loading holds this thread up, for seconds on a busy machine, while the time to connect runs. The embedded engine has its own thread.
    if (config.DATABASE_URL !== undefined) await loading
    const [{ startServer }, opened] = await Promise.all([loading, open()])
    store = opened
    server = await startServer(config, logger, store, {
      onNewAccount: (account, aliceToken) => {
        if (config.AUTH_TOKEN === undefined) process.stdout.write(firstGreeting(account, aliceToken))
      },
      // What this process would go on writing, or fail to read, is worse than its end.
      onOutdated: (refusal) => {
        logger.fatal({ err: refusal }, 'stopping: this version is too old for the database')
        stop({}, false)
      },
    })
  } catch (error) {
    await store?.close()
    throw error
  }
  process.stdout.write(greeting(server.url, server.account, config))
}

// The reader of the output is gone, as when the terminal is closed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

// Node would print all fields of the error, and with them parameters of statements.
process.on('uncaughtException', (error) => {
  say(`fonechat ends: ${printError(error)}`)
  process.exit(1)
})

try {
  await main()
} catch (error) {
  say(`fonechat cannot start: ${explainStartError(error, config) ?? printError(error)}`)
  process.exitCode = 1
}
