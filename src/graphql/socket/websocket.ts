import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql'
import { handleProtocols, makeServer, type Context as ProtocolContext } from 'graphql-ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { App } from '../../domain/app.ts'
import { authenticate, authenticateUser } from '../../domain/chat/sign-in.ts'
import type { ConnectionSource } from '../../domain/realtime/connections.ts'
import { isPassing } from '../../domain/retry.ts'
import { spread } from '../../domain/spread.ts'
import { parseClientName } from '../../domain/validation.ts'
import { readClientAddress } from '../../http/client-address.ts'
import { Counts } from '../../instruments/by-words.ts'
import type { Actor, UserActor } from '../../model/actor.ts'
import { ChatError, badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Documents } from '../execution/documents.ts'
import { executeInTime } from '../execution/execution.ts'
import { toCallerError } from '../schema/errors.ts'
import { openSubscription, type OpenStream } from '../subscriptions/open-subscription.ts'
import { closeCodes, closeLabels, closeLabelOf } from './close-codes.ts'
import type { SocketFigures } from './connection.ts'
import { beginOperation, openStream, runOperation, type OperationContext } from './socket-operation.ts'
import { SocketSession } from './socket-session.ts'

/** Fits a document with the largest body and attributes. */
const frameBytes = 256 * 1024

/** How often each socket is pinged, in milliseconds. */
const heartbeatMilliseconds = 15_000

type Extra = {
  readonly session: SocketSession
  /** The upgrade request. Dropped once the caller is authenticated, since most sockets stay for long. */
  request: IncomingMessage | undefined
}

/** What a transport of subscriptions counts for operators. */
export interface WebSocketFigures extends SocketFigures {
  opened: number
  /** By the code of the side that has closed first. */
  readonly closed: Counts<{ code: typeof closeLabels }>
}

export interface WebSocketTransport extends ConnectionSource {
  readonly figures: WebSocketFigures
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  connectionCount(): number
  subscriptionCount(): number
  /**
   * Closes all sockets, spread over the given time or at once when the signal aborts, so that clients reconnect elsewhere. A socket first answers what
   * it was asked, and waits for its client to confirm what it has received. Resolves when all have closed.
   */
  close(spreadMilliseconds: number, hurried: AbortSignal): Promise<void>
  /** Cuts off the sockets that are left. */
  terminate(): void
}

/** GraphQL over WebSocket: graphql-ws keeps the protocol; streams write the results of subscriptions themselves. */
export function createWebSocketTransport(app: App, schema: GraphQLSchema, documents: Documents): WebSocketTransport {
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    perMessageDeflate: false,
    maxPayload: frameBytes,
  })
  const server = makeServer<Record<string, unknown>, Extra>({
    // The session has its own timer for this.
    connectionInitWaitTimeout: 0,
    onConnect: async (context) => connect(app, context),
    onSubscribe: ({ extra, subscriptions }, id, payload) =>
      beginOperation({ app, schema, documents }, extra.session, id, payload, Object.keys(subscriptions).length),
    execute: (args) =>
      runOperation(args.contextValue as OperationContext, ({ socket }) =>
        socket.run(async () => toCallerResult(app, await executeInTime(args))),
      ),
    subscribe: subscribeSocket,
    // Errors that graphql-ws makes itself have no code yet.
    onError: (_context, _id, _payload, errors) => errors.map((error) => toCallerError(error, app.logger).toJSON()),
  })
  const sessions = new Set<SocketSession>()
  const figures: WebSocketFigures = {
    opened: 0,
    delivered: 0,
    closed: new Counts({ code: closeLabels }).fill('code', {}),
  }
  const heartbeat = setInterval(() => sessions.forEach((session) => session.heartbeat()), heartbeatMilliseconds)
  heartbeat.unref()

  const logError = (error: Error): void => app.logger.debug({ err: error }, 'a WebSocket failed')

  function open(webSocket: WebSocket, socket: Socket, request: IncomingMessage): void {
    // Otherwise it would be one more object for each of many sockets.
    const address = app.config.TRUST_PROXY === 0 ? undefined : readClientAddress(app.config, request)
    const session = new SocketSession(app, webSocket, socket, figures, address)
    sessions.add(session)
    figures.opened++
    const closed = server.opened(session, { session, request })
    webSocket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) return session.connection.close(closeCodes.badRequest)
      session.receive(data.toString('utf8'))?.catch((error: unknown) => {
        app.logger.error({ err: error }, 'a WebSocket message failed')
        session.connection.close(closeCodes.internal)
      })
    })
    webSocket.on('ping', () => session.onPingFrame())
    webSocket.on('error', logError)
    webSocket.on('close', (code, reason) => {
      sessions.delete(session)
      figures.closed.add({ code: closeLabelOf(session.connection.closeCode || code) })
      Promise.all([closed(code, String(reason)), session.end()]).catch((error: unknown) =>
        app.logger.error({ err: error }, 'closing a WebSocket failed'),
      )
    })
  }

  return {
    figures,
    handleUpgrade: (request, socket, head) => {
      webSockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, socket as Socket, request))
    },
    connections: () => sessions,
    connectionCount: () => sessions.size,
    subscriptionCount: () => [...sessions].reduce((sum, { streams }) => sum + streams.length, 0),
    close: async (spreadMilliseconds, hurried) => {
      clearInterval(heartbeat)
      const open = [...sessions]
      const closed = open.map((session) => session.closed())
      const confirms = spreadMilliseconds > 0
      await spread(open, spreadMilliseconds, hurried, (session) => session.drain(confirms && !hurried.aborted))
      await Promise.all(closed)
      webSockets.close()
    },
    terminate: () => sessions.forEach((session) => session.terminate()),
  }
}

async function connect(app: App, context: ProtocolContext<Record<string, unknown>, Extra>) {
  const { extra } = context
  const { session, request } = extra
  extra.request = undefined
  session.onInit()
  try {
    const actor = await authenticateParams(app, context.connectionParams ?? {}, request!)
    // Saves memory: a token is long and not needed again.
    Object.assign(context, { connectionParams: undefined })
    if (!(await session.admit(actor))) {
      session.connection.close(closeCodes.tooManySockets)
      return false
    }
    session.begin(actor)
    return actor.kind === 'user' ? acknowledgement(actor) : true
  } catch (error) {
    if (isPassing(error)) {
      session.connection.close(closeCodes.unavailable)
      return false
    }
    if (!(error instanceof ChatError)) throw error
    const { code, message } = error
    if (code === 'RATE_LIMITED') {
      session.connection.close(closeCodes.throttled)
      return false
    }
    session.connection.close({ ...closeCodes[code === 'BAD_USER_INPUT' ? 'badRequest' : 'forbidden'], reason: message })
    return false
  }
}

/** The payload of `connection_ack`: who the client is, so that one with a copy of another user's messages notices. */
function acknowledgement({ userId, serviceId, identity, expiresAt }: UserActor) {
  const serverTime = new Date().toISOString()
  return { userId, serviceId, identity, serverTime, expiresAt: new Date(expiresAt).toISOString() }
}

/** `{ token, deviceId }` for users, `{ authorization }`, as the header, for either kind. */
async function authenticateParams(
  app: App,
  params: Readonly<Record<string, unknown>>,
  request: IncomingMessage,
): Promise<Actor> {
  const [token, authorization, deviceId] = ['token', 'authorization', 'deviceId'].map((name) => readText(params, name))
  const device = parseClientName('deviceId', deviceId, limits.deviceIdLength)
  if (token !== undefined) return authenticateUser(app, token, device, true)
  if (authorization !== undefined) {
    return authenticate(app, authorization, readClientAddress(app.config, request), device)
  }
  throw new ChatError('UNAUTHENTICATED', 'connectionParams must have a token or an authorization', 20003)
}

function readText(params: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = params[name] ?? undefined
  if (value !== undefined && typeof value !== 'string') throw badInput(`connectionParams.${name} must be a string`)
  return value
}

/** The errors stay objects: graphql-ws serialises them itself. */
function toCallerResult({ logger }: App, result: ExecutionResult): ExecutionResult {
  const { errors } = result
  return errors ? { ...result, errors: errors.map((error) => toCallerError(error, logger)) } : result
}

async function subscribeSocket(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const context = args.contextValue as OperationContext
  const { socket, operationId } = context
  const results = new SilentResults(context)
  const onEnd = (reason: ChatError): void => results.fail(toCallerError(reason, context.app.logger))
  const opened = await openStream(context, () =>
    socket.whileHere((gone) => openSubscription(args, context, socket.sink(operationId), onEnd, gone)),
  )
  if (Array.isArray(opened)) return refuse(socket, opened as GraphQLError[])
  results.begin(opened as OpenStream)
  return results
}

const done = { done: true, value: undefined } as const

/** An iterator that yields nothing, since the stream writes to the socket itself. It ends with the stream. */
class SilentResults implements AsyncGenerator<ExecutionResult> {
  readonly #socket: SocketSession
  #stream: OpenStream | undefined
  #failure: Error | undefined
  #isDone = false
  /** Of the pending `next`. */
  #resolve: ((result: typeof done) => void) | undefined
  #reject: ((error: Error) => void) | undefined

  constructor({ socket }: OperationContext) {
    this.#socket = socket
  }

  begin(stream: OpenStream): void {
    this.#stream = this.#socket.addStream(stream)
    if (this.#failure) this.#remove()
  }

  /** Removes the stream itself, since nobody calls `return` on an iterator that has failed. */
  fail(error: Error): void {
    this.#failure = error
    this.#remove()
    this.#reject?.(error)
  }

  #remove(): void {
    if (this.#stream) this.#socket.removeStream(this.#stream)
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure)
      else if (this.#isDone) resolve(done)
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#remove()
    this.#isDone = true
    this.#resolve?.(done)
    return done
  }

  throw(): Promise<IteratorResult<ExecutionResult>> {
    return this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

/** When only the database is away, closes the socket: clients reconnect and subscribe again. */
function refuse(socket: SocketSession, errors: GraphQLError[]): ExecutionResult {
  if (errors.some((error) => error.extensions['code'] === 'UNAVAILABLE')) {
    socket.connection.close(closeCodes.unavailable)
  }
  return { errors }
}
