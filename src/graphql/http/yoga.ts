import type { IncomingMessage } from 'node:http'
import { GraphQLError, type GraphQLSchema, type Source } from 'graphql'
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga'
import type { App } from '../../domain/app.ts'
import { readClientAddress } from '../../http/client-address.ts'
import { compressed } from '../../http/compression.ts'
import { exposedHeaders } from '../../http/rate-headers.ts'
import { ChatError } from '../../model/error.ts'
import type { Documents } from '../execution/documents.ts'
import { checkInTurn, executeInTime } from '../execution/execution.ts'
import { readOperationContext, type Context } from '../schema/context.ts'
import { subscriptionRefusal, toCallerError } from '../schema/errors.ts'
import type { EventStreams } from './event-stream.ts'

/** What the HTTP server hands to Yoga with a request. */
interface ServerContext {
  readonly req: IncomingMessage
}

interface YogaContext {
  readonly operation: Context
}

/** GraphQL over HTTP except plain POST: queries by GET, subscriptions over Server-Sent Events. */
export function createGraphqlHttp(app: App, schema: GraphQLSchema, documents: Documents, streams: EventStreams) {
  const callers: Callers = new WeakMap()
  return createYoga<ServerContext, YogaContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    multipart: false,
    logging: false,
    cors: {
      origin: '*',
      credentials: false,
      methods: ['GET', 'POST', 'OPTIONS'],
      exposedHeaders: exposedHeaders.split(', '),
      maxAge: 86_400,
    },
    parserAndValidationCache: false,
    extraParamNames: ['documentId'],
    maskedErrors: {
      maskError: (error) => toCallerError(error, app.logger),
      errorMessage: 'internal error',
      isDev: false,
    },
    context: ({ request }) => ({ operation: callers.get(request)! }),
    graphiql: false,
    plugins: [
      useReadableParams(),
      useDocuments(app, documents, callers),
      useOwnContext(),
      useFanout(streams),
      useRateHeaders(callers),
      useCompression(),
      useUnbuffered(),
    ],
  })
}

/** Wrong JSON in an address is the caller's fault; Yoga would report it as the server's. */
function useReadableParams(): Plugin<YogaContext> {
  return {
    onRequestParse: ({ requestParser, setRequestParser }) => {
      if (!requestParser) return
      setRequestParser(async (request) => {
        try {
          return await requestParser(request)
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error
          const extensions = { code: 'BAD_USER_INPUT', http: { status: 400 } }
          throw new GraphQLError('variables and extensions must be JSON', { extensions })
        }
      })
    },
  }
}

/** The operation context of each request. */
type Callers = WeakMap<Request, Context>

/**
 * One set of documents for both transports. The caller is authenticated before its document is read. Errors of validation do not pass the
 * masking.
 */
function useDocuments(app: App, documents: Documents, callers: Callers): Plugin<YogaContext> {
  return {
    onParams: async ({ params, request, setParams, context }) => {
      const caller = await readOperationContext(app, (context as unknown as ServerContext).req)
      if (caller instanceof GraphQLError) throw caller
      callers.set(request, caller)
      await caller.share?.dried()
      if (typeof params !== 'object' || params === null || Array.isArray(params)) return
      const documentId = 'documentId' in params ? params.documentId : documentIdOf(request)
      const query = documentId == null ? params.query : documents.textOf({ ...params, documentId })
      if (typeof query !== 'string') return
      if (documentId != null) setParams({ ...params, query })
      const checked = await checkInTurn(documents, { query }, caller)
      const refusal = 'errors' in checked && checked.errors.find((error) => error instanceof ChatError)
      if (refusal) throw refusal
    },
    // Both find the document that was checked, and report its errors again.
    onParse: ({ setParseFn }) =>
      setParseFn((text: string | Source) => documents.parse(typeof text === 'string' ? text : text.body)),
    onValidate: ({ params, setResult }) =>
      setResult(documents.validate(params.documentAST).map((error) => toCallerError(error, app.logger))),
  }
}

function documentIdOf({ method, url }: Request): string | null {
  return method === 'GET' ? new URL(url).searchParams.get('documentId') : null
}

/** Resolvers get the operation's context itself, not the object that Yoga collects around it. */
function useOwnContext(): Plugin<YogaContext> {
  return {
    onExecute: ({ args, setExecuteFn }) => {
      const { operation } = args.contextValue as unknown as YogaContext
      setExecuteFn((given) => executeInTime({ ...given, contextValue: operation }) as never)
    },
  }
}

function useRateHeaders(callers: Callers): Plugin<YogaContext> {
  return {
    onResponse: ({ request, response }) => {
      const headers = callers.get(request)?.rates?.toHeaders() ?? {}
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
    },
  }
}

function useCompression(): Plugin<YogaContext> {
  return {
    onResponse: async ({ request, response, setResponse, fetchAPI }) => {
      const create = (body: Uint8Array<ArrayBuffer>, init: ResponseInit) => new fetchAPI.Response(body, init)
      setResponse(await compressed(request.headers.get('accept-encoding'), response, create))
    },
  }
}

/** nginx collects answers otherwise, and events arrive late. */
function useUnbuffered(): Plugin<YogaContext> {
  return {
    onResponse: ({ response }) => {
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
        response.headers.set('x-accel-buffering', 'no')
      }
    },
  }
}

function useFanout(streams: EventStreams): Plugin<YogaContext> {
  return {
    onSubscribe: ({ args, setSubscribeFn }) => {
      const { operation, request, req } = args.contextValue as unknown as YogaContext &
        YogaInitialContext &
        ServerContext
      const isStream = request.headers.get('accept')!.includes('text/event-stream')
      setSubscribeFn(
        () =>
          (isStream
            ? streams.subscribe(args, operation, request.signal, readClientAddress(operation.app.config, req))
            : { errors: [subscriptionRefusal()] }) as never,
      )
    },
  }
}
