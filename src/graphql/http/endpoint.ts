import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { GraphQLSchema } from 'graphql'
import type { App } from '../../domain/app.ts'
import { answer, badInput, isWellEncoded, type BodyListener } from '../../http/http.ts'
import type { Documents } from '../execution/documents.ts'
import { toAcceptable } from './accept.ts'
import type { EventStreams } from './event-stream.ts'
import { createGraphiql, isForGraphiql } from './graphiql.ts'
import { createHttpPost } from './http-post.ts'
import { createGraphqlHttp } from './yoga.ts'

/** Passes each request to `/graphql` over HTTP to the server that answers its kind. */
export function createGraphqlEndpoint(
  app: App,
  schema: GraphQLSchema,
  documents: Documents,
  streams: EventStreams,
): BodyListener {
  const yoga = createGraphqlHttp(app, schema, documents, streams)
  const httpPost = createHttpPost(app, schema, documents)
  const graphiql = createGraphiql(app.logger)
  return (request, response, body) => {
    if (app.config.GRAPHIQL && isForGraphiql(request)) return graphiql(request, response)
    const accept = toAcceptable(request.headers.accept)
    if (accept === undefined)
      return refuse(response, 406, 'GraphQL is answered as JSON, or as text/event-stream, in UTF-8')
    if (!isWellEncoded(request.url!)) return refuse(response, 400, 'the address must be UTF-8')
    request.headers.accept = accept
    if (request.method === 'POST' && !accept.includes('text/event-stream')) return httpPost(request, response, body)
    void yoga(withBody(request, body), response)
  }
}

/** Yoga reads the body from where other frameworks leave it. */
function withBody(request: IncomingMessage, body: string): IncomingMessage {
  return Object.assign(request, { body: Readable.from([Buffer.from(body)]) })
}

function refuse(response: ServerResponse, status: number, message: string): void {
  answer(response, status, { errors: [badInput(message)] })
}
