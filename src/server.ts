import { createRemoteJWKSet } from 'jose'
import type { App } from './app.ts'
import type { Config } from './config.ts'
import { ensureAccount, type AccountSecrets } from './domain/account.ts'
import { createCaches } from './domain/cache.ts'
import { CounterSweep } from './domain/counter-sweep.ts'
import { DeliveryWriter } from './domain/delivery-writer.ts'
import { createExampleChannel } from './domain/example.ts'
import { Feeds } from './domain/feed.ts'
import { createSecretBox } from './domain/secret.ts'
import { UserFeeds } from './domain/user-feed.ts'
import { Documents } from './graphql/documents.ts'
import { schema } from './graphql/schema.ts'
import { createWebSocketFace } from './graphql/websocket.ts'
import { createGraphqlHttp } from './graphql/yoga.ts'
import { closeHttpServer, createHttpServer, listen } from './http.ts'
import type { Bus } from './live/bus.ts'
import { createMemoryBus } from './live/memory-bus.ts'
import { createRedisBus } from './live/redis-bus.ts'
import { openRedis } from './live/redis.ts'
import type { Logger } from './logger.ts'
import { readSecretKey } from './secret-key.ts'
import type { Store } from './store/opening.ts'

/** Over how long a stopping server spreads the clients that must connect elsewhere, in milliseconds. */
const dismissMilliseconds = 3000

export interface Server extends AsyncDisposable {
  readonly app: App
  readonly account: AccountSecrets
  readonly port: number
  readonly url: string
  /** Stops in the reverse order of the start; what was accepted is finished. `hasty` does not spread the clients. */
  close(options?: { readonly hasty?: boolean }): Promise<void>
}

/** Builds the server on an open store and listens. */
export async function startServer(config: Config, logger: Logger, store: Store): Promise<Server> {
  const { db } = store
  const onError = (error: unknown): void => logger.error({ err: error }, 'a background task failed')
  const secrets = createSecretBox(await readSecretKey(config))
  const account = await ensureAccount(db, secrets, config)
  const bus = await openBus(config, logger)
  const feeds = new Feeds({ db, bus, onError })
  const userFeeds = new UserFeeds({ db, bus, onError })
  const deliveries = new DeliveryWriter(db, onError)
  const sweep = new CounterSweep({ db, feeds, userFeeds, onError })
  bus.onGap(() => {
    feeds.refillAll()
    userFeeds.refillAll()
  })
  const app: App = {
    config,
    logger,
    db,
    bus,
    secrets,
    feeds,
    userFeeds,
    deliveries,
    caches: createCaches(),
    issuerKeys: config.JWKS_URL === undefined ? undefined : createRemoteJWKSet(new URL(config.JWKS_URL)),
    accountId: account.accountId,
  }
  if (store.isEmbedded && account.isNew) await createExampleChannel(app)
  await store.finishFirstStart()

  const graphql = createGraphqlHttp(app, schema)
  const webSockets = createWebSocketFace(app, schema, new Documents(schema))
  const http = createHttpServer({ graphql: (request, response) => void graphql(request, response) })
  http.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname === '/graphql') {
      webSockets.handleUpgrade(request, socket, head)
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    }
  })
  const port = await listen(http, config.PORT, config.HOST)

  const close = async ({ hasty = false } = {}): Promise<void> => {
    const httpClosed = closeHttpServer(http, 5000)
    await webSockets.close(hasty ? 0 : dismissMilliseconds)
    await httpClosed
    await sweep.close()
    await deliveries.flush()
    await bus.close()
    await store.close()
  }
  return {
    app,
    account,
    port,
    url: config.PUBLIC_URL ?? `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`,
    close,
    [Symbol.asyncDispose]: () => close({ hasty: true }),
  }
}

async function openBus(config: Config, logger: Logger): Promise<Bus> {
  if (config.REDIS_URL === undefined) return createMemoryBus()
  const warn = (error: unknown): void => logger.warn({ err: error }, 'Redis')
  return createRedisBus(await openRedis(config.REDIS_URL, warn), warn)
}
