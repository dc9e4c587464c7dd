import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError, getOperationAST, type GraphQLSchema } from 'graphql'
import { createHandler, type Handler, type Response as HandlerResponse } from 'graphql-http'
import type { App } from '../app.ts'
import { compressBody } from './compression.ts'
import { readOperationContext, type HttpRefusal } from './context.ts'
import type { Documents } from './documents.ts'
import { subscriptionRefusal, toCallerError } from './errors.ts'
import { checkInTurn, executeInTime } from './execution.ts'

/**
 * Queries and mutations by POST, which is nearly all that comes over HTTP, in the reference implementation of GraphQL over HTTP
 * straight on Node's own request: wrapped as for Yoga, a request costs several times what its send does.
 */
export function createHttpPost(app: App, schema: GraphQLSchema, documents: Documents) {
  const handle = createHandler<IncomingMessage, NamedDocument>({
    onSubscribe: async ({ raw, context: { documentId } }, { query, operationName, variables }) => {
      const context = await readOperationContext(app, raw)
      if (context instanceof GraphQLError) return refuse(context)
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
    // What is not GraphQL's own comes from reading the request, and speaks of it.
    formatError: (error) =>
      toCallerError(error instanceof GraphQLError ? error : new GraphQLError(error.message), app.logger),
  })
  return (request: IncomingMessage, response: ServerResponse, text: string): void => {
    answer(handle, request, response, text).catch((error: unknown) => {
      app.logger.error({ err: error }, 'a request failed')
      response.destroy()
    })
  }
}

function refuse(error: GraphQLError): HandlerResponse {
  const { http, ...extensions } = error.extensions as { http: HttpRefusal }
  const told = { message: error.message, extensions }
  return [
    JSON.stringify({ errors: [told] }),
    { status: http.status, statusText: '', headers: { ...jsonHeaders, ...http.headers } },
  ]
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }

async function answer(
  handle: Handler<IncomingMessage, NamedDocument>,
  request: IncomingMessage,
  response: ServerResponse,
  given: string,
): Promise<void> {
  const named: NamedDocument = { documentId: undefined }
  const [body, { status, statusText, headers }] = await handle({
    method: 'POST',
    url: request.url ?? '',
    headers: request.headers,
    body: () => readBody(given, named),
    raw: request,
    context: named,
  })
  const text = body ?? JSON.stringify({ errors: [{ message: statusText, extensions: { code: 'BAD_USER_INPUT' } }] })
  const sent = await compressBody(request.headers['accept-encoding']?.toString(), Buffer.from(text))
  response.writeHead(status, {
    ...jsonHeaders,
    ...headers,
    ...(sent.encoding && { 'content-encoding': sent.encoding }),
    'content-length': sent.body.length,
    'access-control-allow-origin': '*',
    vary: 'accept-encoding',
  })
  response.end(sent.body)
}

/** Which of the operator's documents a request names. */
type NamedDocument = { documentId: unknown }

/** The handler wants a text in every request; whoever names a document by its id has none. */
function readBody(text: string, named: NamedDocument): string | Record<string, unknown> {
  if (!text.includes('"documentId"')) return text
  const body = JSON.parse(text) as Record<string, unknown> | null
  if (typeof body !== 'object' || body === null) return text
  named.documentId = body['documentId']
  return named.documentId == null ? text : { ...body, query: body['query'] ?? '' }
}
