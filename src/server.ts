import { hasPage, type Config } from './config/config.ts'
import type { Logger } from './config/logger.ts'
import type { AccountSecrets } from './domain/access/account.ts'
import { answerOperatorCall } from './domain/access/operator.ts'
import type { App } from './domain/app.ts'
import { Documents } from './graphql/execution/documents.ts'
import { readPersistedDocuments } from './graphql/execution/persisted-documents.ts'
import { createConsole } from './graphql/http/console.ts'
import { createGraphqlEndpoint } from './graphql/http/endpoint.ts'
import { EventStreams } from './graphql/http/event-stream.ts'
import { schema } from './graphql/schema.ts'
import { toCallerError } from './graphql/schema/errors.ts'
import { closeCodes } from './graphql/socket/close-codes.ts'
import { createWebSocketTransport } from './graphql/socket/websocket.ts'
import { createDemoTokens } from './http/demo-tokens.ts'
import { closeHttpServer, createHttpServer, createResponseCounts, pathOf, toOriginForm } from './http/http.ts'
import { listen } from './http/listen.ts'
import { createMetrics } from './http/metrics/endpoint.ts'
import { createPage, pageDirectory } from './http/page.ts'
import { openApp, type AppOptions } from './open-app.ts'
import { toRestError } from './rest/errors.ts'
import { createRest } from './rest/router.ts'
import { pause, Shutdown } from './shutdown.ts'
import type { Store } from './store/open-store.ts'

export interface Server extends AsyncDisposable {
  readonly app: App
  readonly account: AccountSecrets
  readonly port: number
  readonly url: string
  /**
   * Drains and stops: is not ready, accepts for `DRAIN_DELAY` seconds more, sends its connections away over `DRAIN_SECONDS`, finishes what was
   * accepted, and closes everything in the reverse order of the start, within 4 seconds whatever hangs. `immediate` leaves out the delay and
   * the spread. Called again with it while it stops, it hurries that. Throws what a step of it threw, once all were run.
   */
  close(options?: { readonly immediate?: boolean }): Promise<void>
}

/** Builds the server on an open store and listens. When this fails, all that was started is stopped. */
export async function startServer(
  config: Config,
  logger: Logger,
  store: Store,
  options: AppOptions = {},
): Promise<Server> {
  const persisted = await readPersistedDocuments(config)
  await using starting = new AsyncDisposableStack()
  const shutdown = starting.use(new Shutdown(logger))
  let isStarted = false
  // When the start fails, its caller closes the store.
  shutdown.defer({ name: 'the database', reserve: 300, run: () => isStarted && store.close() })
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
    const { openTracing } = await import('./tracing/sdk/open-tracing.ts')
    // Before the database: what is left of the time is the exporter's.
    shutdown.defer({ name: 'traces', reserve: 300, run: openTracing(config, logger) })
  }
  const opened = await openApp(config, logger, store, shutdown, options)
  const { app, account, background, webhookWorker } = opened

  let phase: 'open' | 'leaving' | 'closing' = 'open'
  const documents = new Documents(schema, persisted, config.PERSISTED_DOCUMENTS_ONLY)
  const eventStreams = new EventStreams()
  const webSockets = createWebSocketTransport(app, schema, documents)
  for (const transport of [webSockets, eventStreams]) app.connections.add(transport)
  const responses = createResponseCounts()
  const unreadiness = () => (phase !== 'open' ? 'stopping' : background.heartbeat.isAlive ? undefined : 'database')
  const http = createHttpServer({
    graphql: createGraphqlEndpoint(app, schema, documents, eventStreams),
    rest: createRest(app, schema),
    metrics: createMetrics(
      {
        app,
        responses,
        webSockets,
        eventStreams,
        slowReaderCode: String(closeCodes.slowReader.code),
        background,
        isReady: () => unreadiness() === undefined,
        isStopping: () => phase !== 'open',
      },
      (error) => toRestError(toCallerError(error, logger), '/metrics'),
      options.siblings?.metrics,
    ),
    demoTokens: createDemoTokens(app),
    console: hasPage(config) ? createConsole(app, schema, documents) : undefined,
    page: await createPage(hasPage(config) ? pageDirectory : undefined),
    unreadiness,
    responses,
  })
  http.on('upgrade', (request, socket, head) => {
    toOriginForm(request)
    const isClosing = phase === 'closing'
    if (pathOf(request) === '/graphql' && !isClosing) {
      webSockets.handleUpgrade(request, socket, head)
    } else {
      // The socket is ours by now: without a listener, an error during the refusal would end the process.
      socket.on('error', () => socket.destroy())
      socket.end(`HTTP/1.1 ${isClosing ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`)
    }
  })
  const port = await listen(http, config.PORT, config.HOST)
  await opened.recordMinutes([webSockets, eventStreams])

  store.answerCalls?.((call) => answerOperatorCall({ ...app, isEmbedded: true }, call))
  starting.move()
  isStarted = true
  const stop = async (immediate: boolean): Promise<void> => {
    const { hurried } = shutdown
    phase = 'leaving'
    if (!immediate) await pause(config.DRAIN_DELAY * 1000, hurried)
    phase = 'closing'
    // Other processes take what comes now. What is under way has the time of the drain to arrive.
    webhookWorker.stop()
    const spreadMilliseconds = immediate ? 0 : config.DRAIN_SECONDS * 1000
    const closed = Promise.all([
      closeHttpServer(http),
      webSockets.close(spreadMilliseconds, hurried),
      eventStreams.close(spreadMilliseconds, hurried),
    ])
    await Promise.race([closed, pause(spreadMilliseconds, hurried)])
    shutdown.defer({
      name: 'requests and connections',
      reserve: 600,
      run: () => closed,
      giveUp: () => {
        http.closeAllConnections()
        webSockets.terminate()
      },
    })
    await shutdown.run()
  }
  let stopping: Promise<void> | undefined
  const close = ({ immediate = false } = {}): Promise<void> => {
    if (stopping && immediate) shutdown.hurry()
    stopping ??= stop(immediate)
    return stopping
  }
  return {
    app,
    account,
    port,
    url: config.PUBLIC_URL ?? `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`,
    close,
    [Symbol.asyncDispose]: () => close({ immediate: true }),
  }
}
