import type { ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import type { App } from '../../domain/app.ts'
import { refusedCaller } from '../../domain/refusals.ts'
import { ChatError } from '../../model/error.ts'
import { Request, withRequest } from '../../tracing/request.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'
import type { Documents } from '../execution/documents.ts'
import { checkInTurn } from '../execution/execution.ts'
import { Context } from '../schema/context.ts'
import { toCallerError } from '../schema/errors.ts'
import { closeCodes } from './close-codes.ts'
import type { SocketSession } from './socket-session.ts'

/** Operations under way on one socket, subscriptions included. */
const operationLimit = 100

/** An operation of a socket: the stream it may open writes under its id. */
export class OperationContext extends Context {
  readonly socket: SocketSession
  readonly operationId: string
  /** Made when it is needed: a subscription would keep it for as long as it lasts. */
  #request: Request | undefined

  constructor(app: App, socket: SocketSession, operationId: string, characters: number, request?: Request) {
    super(app, socket.actor, { session: socket, characters })
    this.socket = socket
    this.operationId = operationId
    this.#request = request
  }

  get request(): Request {
    return (this.#request ??= new Request())
  }

  /** Whether its span is sampled. */
  get isTraced(): boolean {
    return this.#request?.span?.isRecording() === true
  }

  /** The same operation, with the permissions that its caller has now. */
  renewed(): OperationContext {
    return new OperationContext(this.app, this.socket, this.operationId, this.characters, this.#request)
  }
}

interface Parts {
  readonly app: App
  readonly schema: GraphQLSchema
  readonly documents: Documents
}

/** What is to be executed, or why it is refused. */
type Prepared = ExecutionArgs | readonly GraphQLError[]

/** Checks an operation, and whether its caller may still ask. `running` counts those of its socket, this one included. */
export function beginOperation(
  parts: Parts,
  socket: SocketSession,
  operationId: string,
  payload: SubscribePayload,
  running: number,
): Promise<Prepared> {
  const context = new OperationContext(parts.app, socket, operationId, socket.characters)
  if (tracing === undefined) return prepare(parts, context, payload, running)
  return trace(tracing, context.request, payload, () => prepare(parts, context, payload, running))
}

async function prepare(
  { app, schema, documents }: Parts,
  context: OperationContext,
  payload: SubscribePayload,
  running: number,
): Promise<Prepared> {
  const { socket } = context
  const toRefusal = (error: unknown) => toCallerError(error, app.logger)
  if (running > operationLimit) {
    const met = { limit: operationLimit, seconds: null }
    app.rateCounters.refusals.count('socket_operations', refusedCaller(socket.actor), met)
    return [
      toRefusal(new ChatError('RATE_LIMITED', `a connection can run ${operationLimit} operations at once`, 51001)),
    ]
  }
  const checked = await checkInTurn(documents, payload, context)
  // graphql-ws keeps the payload while the operation runs, but needs the text no more.
  Object.assign(payload, { query: '' })
  if ('errors' in checked) return checked.errors.map(toRefusal)
  try {
    await socket.refresh()
  } catch (error) {
    if (error instanceof ChatError && error.code === 'UNAUTHENTICATED') socket.connection.close(closeCodes.userDeleted)
    return [toRefusal(error)]
  }
  return {
    schema,
    document: checked.document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: context.renewed(),
  } as ExecutionArgs
}

/** Begins the span of an operation, in the trace that its message names. Of one that is refused this is all. */
async function trace(
  by: Tracing,
  request: Request,
  { extensions }: SubscribePayload,
  check: () => Promise<Prepared>,
): Promise<Prepared> {
  const span = by.openRequest('WebSocket operation', extensions ?? {}, { 'network.protocol.name': 'websocket' })
  request.span = span
  let prepared: Prepared | undefined
  try {
    return (prepared = await by.within(span, check))
  } finally {
    if (!prepared || Array.isArray(prepared)) span.end()
  }
}

/** Executes a query or mutation. */
export function runOperation<Result>(
  context: OperationContext,
  work: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  return withRequest(context.request, () => endWith(context, work))
}

/**
 * Opens the stream of a subscription. What a stream keeps would keep the request too, so it has none: a fault is found by its reference, as of
 * every other request.
 */
export function openStream<Result>(
  context: OperationContext,
  work: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  return context.isTraced ? runOperation(context, work) : work(context)
}

/** The span of an operation ends when it is answered, or its stream is open. */
function endWith<Result>(
  context: OperationContext,
  work: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  const { span } = context.request
  if (!span || !tracing) return work(context)
  return tracing.within(span, () => work(context)).finally(() => span.end())
}
