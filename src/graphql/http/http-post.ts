import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { GraphQLError, getOperationAST, type GraphQLSchema } from 'graphql'
import { createHandler, type Handler, type Response as HandlerResponse } from 'graphql-http'
import type { App } from '../../domain/app.ts'
import { compressBody } from '../../http/compression.ts'
import { exposedHeaders } from '../../http/rate-headers.ts'
import type { Documents } from '../execution/documents.ts'
import { checkInTurn, executeInTime } from '../execution/execution.ts'
import { readOperationContext, type AuthenticateRequest, type Context, type HttpRefusal } from '../schema/context.ts'
import { subscriptionRefusal, toCallerError } from '../schema/errors.ts'

interface HttpPostOptions {
  /** By the header `Authorization` without it. */
  readonly authenticate?: AuthenticateRequest
  /** Of every answer; without them pages of other sites may read it. */
  readonly headers?: OutgoingHttpHeaders
}

const publicHeaders = { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposedHeaders }

/**
 * Queries and mutations by POST, which is nearly all that comes over HTTP, in the reference implementation of GraphQL over HTTP
 * straight on Node's own request: wrapped as for Yoga, a request costs several times what its send does.
 */
export function createHttpPost(
  app: App,
  schema: GraphQLSchema,
  documents: Documents,
  { authenticate, headers = publicHeaders }: HttpPostOptions = {},
) {
  const handle = createHandler<IncomingMessage, Request>({
    onSubscribe: async ({ context: { context, documentId } }, { query, operationName, variables }) => {
      const checked = await checkInTurn(documents, { query, documentId }, context)
      if ('errors' in checked) return checked.errors.map((error) => toCallerError(error, app.logger))
      if (getOperationAST(checked.document, operationName)?.operation === 'subscription') return [subscriptionRefusal()]
      return {
        schema,
        document: checked.document,
        operationName,
        variableValues: variables,
        contextValue: context,
      } as never
    },
    execute: executeInTime,
    // Any other error comes from reading the request, and is about it.
    formatError: (error) =>
      toCallerError(error instanceof GraphQLError ? error : new GraphQLError(error.message), app.logger),
  })
  return (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const context = readOperationContext(app, request, text.length, authenticate)
    answer(context, handle, request, response, { text, headers }).catch((error: unknown) => {
      app.logger.error({ err: error }, 'a request failed')
      response.destroy()
    })
  }
}

function refuse(error: GraphQLError): HandlerResponse {
  const { http, ...extensions } = error.extensions as { http: HttpRefusal }
  const refusal = { message: error.message, extensions }
  return [
    JSON.stringify({ errors: [refusal] }),
    { status: http.status, statusText: '', headers: { ...jsonHeaders, ...http.headers } },
  ]
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }

async function answer(
  reading: Promise<Context | GraphQLError>,
  handle: Handler<IncomingMessage, Request>,
  request: IncomingMessage,
  response: ServerResponse,
  { text: given, headers: own }: { readonly text: string; readonly headers: OutgoingHttpHeaders },
): Promise<void> {
  const context = await reading
  const [body, { status, statusText, headers }] =
    context instanceof GraphQLError ? refuse(context) : await handleText(context, handle, request, given)
  const text = body ?? JSON.stringify({ errors: [{ message: statusText, extensions: { code: 'BAD_USER_INPUT' } }] })
  const sent = await compressBody(request.headers['accept-encoding']?.toString(), Buffer.from(text))
  response.writeHead(status, {
    ...jsonHeaders,
    ...headers,
    ...(context instanceof GraphQLError ? {} : context.rates?.toHeaders()),
    ...(sent.encoding && { 'content-encoding': sent.encoding }),
    'content-length': sent.body.length,
    ...own,
    vary: 'accept-encoding',
  })
  response.end(sent.body)
}

async function handleText(
  context: Context,
  handle: Handler<IncomingMessage, Request>,
  request: IncomingMessage,
  given: string,
): Promise<HandlerResponse> {
  await context.share?.dried()
  const named: Request = { context, documentId: undefined }
  let body: string | Record<string, unknown>
  try {
    body = await readInTurn(context, given, named)
  } catch (error) {
    context.rates?.refuse(error)
    const refusal = toCallerError(error, context.app.logger)
    return [JSON.stringify({ errors: [refusal] }), { status: 200, statusText: '', headers: jsonHeaders }]
  }
  return handle({
    method: 'POST',
    url: request.url ?? '',
    headers: request.headers,
    body: () => body,
    raw: request,
    context: named,
  })
}

/** The caller, and which of the operator's documents the request names. */
interface Request extends Record<string, unknown> {
  readonly context: Context
  documentId: unknown
}

/** Parsing a longer body counts as the caller's time. */
const longCharacters = 16 * 1024

/** A long body is parsed in its caller's turn and on its time. */
function readInTurn({ share }: Context, text: string, named: Request) {
  if (!share || text.length < longCharacters) return readBody(text, named)
  return share.run(0, () => readBody(text, named, true), text.length)
}

/** The handler requires a text, which a request that names its document by id lacks. The handler refuses what is not JSON. */
function readBody(text: string, named: Request, isLong = false): string | Record<string, unknown> {
  if (!isLong && !text.includes('"documentId"')) return text
  let body: Record<string, unknown> | null
  try {
    body = JSON.parse(text) as Record<string, unknown> | null
  } catch {
    return 'not JSON'
  }
  if (typeof body !== 'object' || body === null) return text
  named.documentId = body['documentId']
  if (named.documentId != null) return { ...body, query: body['query'] ?? '' }
  return isLong ? body : text
}
