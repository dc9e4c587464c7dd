import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { ConfigError, readConfig } from './config.ts'
import { createLogger } from './logger.ts'
import type { Server } from './server.ts'
import { openStore, type Store } from './store/opening.ts'

// Loading takes most of a start. From the second on a fifth less; what main() imports itself is loaded before this.
enableCompileCache()

// V8 lets garbage pile up to several times of what is in use before it looks for it, and gives little of that back to the system: a
// crowd that comes and goes would leave 200 MB behind.
setFlagsFromString('--heap-growing-percent=50')

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const logger = createLogger(config.LOG_LEVEL)
  const opening = openStore(config)
  let store: Store | undefined
  let server: Server
  try {
    // Loaded while the embedded engine opens in its own thread.
    const [{ startServer }, opened] = await Promise.all([import('./server.ts'), opening])
    store = opened
    server = await startServer(config, logger, store)
  } catch (error) {
    await store?.close()
    throw error
  }
  process.stdout.write(greeting(server))
  const stop = (signal: string): void => {
    logger.info({ signal }, 'stopping')
    server.close().then(
      () => logger.info('stopped'),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed')
        process.exitCode = 1
      },
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function greeting({ url, account }: Server): string {
  const { accountId, authToken, serviceId } = account
  return `
fonechat is ready.

  GraphQL and GraphiQL  ${url}/graphql
  Subscriptions         ${url.replace(/^http/, 'ws')}/graphql

  Account SID           ${accountId}
  Auth token            ${authToken}
  Service SID           ${serviceId}

A token for alice:

  curl ${url}/graphql -u ${accountId}:${authToken} -H 'content-type: application/json' \\
    -d '{"query":"mutation { createAccessToken(input: {identity: \\"alice\\"}) { token expiresAt } }"}'

`
}

try {
  await main()
} catch (error) {
  const text =
    error instanceof ConfigError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`fonechat cannot start: ${text}\n`)
  process.exitCode = 1
}
