import { enableCompileCache } from 'node:module'
import { constants } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { explainStartError } from './commands/start-error.ts'
import { hasPage, readConfig, type Config } from './config/config.ts'
import { createLogger, printError, type Logger } from './config/logger.ts'
import { assertCanListen } from './http/listen.ts'
import type { Server } from './server.ts'
import { findOutage } from './store/engine/outage.ts'
import { openStore, type Store } from './store/open-store.ts'

// What a server writes is for its owner only. Before any thread is started: they cannot set it.
process.umask(0o077)

// Loading takes most of a start. From the second on a fifth less; what main() imports itself is loaded before this.
enableCompileCache()

// V8 lets garbage pile up to several times of what is in use before it looks for it, and gives little of that back to the system: a
// crowd that comes and goes would leave 200 MB behind.
setFlagsFromString('--heap-growing-percent=50')

/** npm passes on the Ctrl-C that the terminal has sent to the server too: within this time it is one. In milliseconds. */
const sameSignal = 1000

/** How long a stopped process may still hold something open, in milliseconds. */
const endMilliseconds = 100

// The log is alone on stdout with the greeting; the course of a start goes to stderr.
const say = (text: string): void => void process.stderr.write(`${text}\n`)

let config: Config | undefined

async function main(): Promise<void> {
  config = readConfig(process.env)
  await start(config)
}

async function start(config: Config): Promise<void> {
  const logger = createLogger(config.LOG_LEVEL, findOutage)
  let server: Server | undefined
  stopOnSignals(logger, () => server)
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
    server = await startServer(config, logger, store, (account, aliceToken) => {
      if (config.AUTH_TOKEN === undefined) process.stdout.write(firstGreeting(account, aliceToken))
    })
  } catch (error) {
    await store?.close()
    throw error
  }
  process.stdout.write(greeting(server, config))
}

/**
 * SIGTERM drains the server and stops it; SIGINT and SIGHUP, which a terminal sends, leave out what is for others to notice. A second signal
 * hurries, a third ends the process at once, and so does any while it starts.
 */
function stopOnSignals(logger: Logger, findServer: () => Server | undefined): void {
  const onFailure = (error: unknown): void => {
    logger.error({ err: error }, 'stopping failed')
    process.exitCode = 1
  }
  let count = 0
  let last: { readonly signal: NodeJS.Signals; readonly at: number } | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (last?.signal === signal && now - last.at < sameSignal) return
    last = { signal, at: now }
    const server = findServer()
    count++
    if (!server || count > 2) {
      say(`fonechat: ended by ${signal} ${server ? 'while it was stopping' : 'before it was ready'}`)
      process.exit(128 + constants.signals[signal])
    }
    logger.info({ signal }, count === 1 ? 'stopping' : 'stopping sooner')
    const stopped = server.close({ immediate: count > 1 || signal !== 'SIGTERM' })
    if (count === 1) void stopped.then(() => logger.info('stopped'), onFailure).then(endSoon)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal)
}

/** Ends by itself when nothing is open any more. What hangs is not waited for. */
function endSoon(): void {
  setTimeout(() => process.exit(), endMilliseconds).unref()
}

function firstGreeting({ accountId, authToken }: Server['account'], aliceToken: string | undefined): string {
  const alice = aliceToken === undefined ? '' : ` ALICE=${aliceToken}`
  return `
An account was made. Its auth token is shown this once${alice && ', with a token for alice that lasts 24 hours'}. For the commands
in the README, in another terminal:

export SID=${accountId} TOKEN=${authToken}${alice}
`
}

function greeting({ url, account }: Server, config: Config): string {
  const { AUTH_TOKEN } = config
  const page = hasPage(config) ? `  Page                  ${url}/\n` : ''
  const { accountId, serviceId, isNew } = account
  const whereToken = isNew ? 'shown above' : 'as before; set AUTH_TOKEN to replace it'
  return `
fonechat is ready.

${page}  GraphQL and GraphiQL  ${url}/graphql
  Subscriptions         ${url.replace(/^http/, 'ws')}/graphql

  Account SID           ${accountId}
  Service SID           ${serviceId}
  Auth token            ${AUTH_TOKEN === undefined ? whereToken : 'as in AUTH_TOKEN'}

`
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
