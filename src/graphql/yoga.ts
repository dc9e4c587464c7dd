import { GraphQLError, type GraphQLSchema, type Source } from 'graphql'
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga'
import type { App } from '../app.ts'
import { compressed } from './compression.ts'
import { readOperationContext, type Context } from './context.ts'
import type { Documents } from './documents.ts'
import { subscriptionRefusal, toCallerError } from './errors.ts'
import type { EventStreams } from './event-stream.ts'
import { executeInTime } from './execution.ts'

interface YogaContext {
  readonly operation: Context
}

/** What of GraphQL over HTTP is no plain POST: queries by GET, subscriptions over Server-Sent Events. */
export function createGraphqlHttp(app: App, schema: GraphQLSchema, documents: Documents, streams: EventStreams) {
  return createYoga<object, YogaContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    multipart: false,
    logging: false,
    cors: { origin: '*', credentials: false, methods: ['GET', 'POST', 'OPTIONS'], maxAge: 86_400 },
    parserAndValidationCache: false,
    extraParamNames: ['documentId'],
    maskedErrors: {
      maskError: (error) => toCallerError(error, app.logger),
      errorMessage: 'internal error',
      isDev: false,
    },
    context: async ({ request }) => {
      const operation = await readOperationContext(app, (name) => request.headers.get(name))
      if (operation instanceof GraphQLError) throw operation
      return { operation }
    },
    graphiql: false,
    plugins: [useReadableParams(), useDocuments(app, documents), useOwnContext(), useFanout(streams), useCompression()],
  })
}

/** What is no JSON in an address is the caller's fault; Yoga passes it on as if it were the server's. */
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

/** One set of documents for both transports. Errors of validation do not pass the masking. */
function useDocuments({ logger }: App, documents: Documents): Plugin<YogaContext> {
  return {
    onParams: ({ params, request, setParams }) => {
      if (typeof params !== 'object' || params === null || Array.isArray(params)) return
      const documentId = 'documentId' in params ? params.documentId : documentIdOf(request)
      if (documentId != null) setParams({ ...params, query: documents.textOf({ ...params, documentId }) as string })
    },
    onParse: ({ setParseFn }) =>
      setParseFn((text: string | Source) => documents.parse(typeof text === 'string' ? text : text.body)),
    onValidate: ({ params, setResult }) =>
      setResult(documents.validate(params.documentAST).map((error) => toCallerError(error, logger))),
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

function useCompression(): Plugin<YogaContext> {
  return {
    onResponse: async ({ request, response, setResponse, fetchAPI }) => {
      const create = (body: Uint8Array<ArrayBuffer>, init: ResponseInit) => new fetchAPI.Response(body, init)
      setResponse(await compressed(request.headers.get('accept-encoding'), response, create))
    },
  }
}

function useFanout(streams: EventStreams): Plugin<YogaContext> {
  return {
    onSubscribe: ({ args, setSubscribeFn }) => {
      const { operation, request } = args.contextValue as unknown as YogaContext & YogaInitialContext
      const isStream = request.headers.get('accept')!.includes('text/event-stream')
      setSubscribeFn(
        () => (isStream ? streams.subscribe(args, operation) : { errors: [subscriptionRefusal()] }) as never,
      )
    },
  }
}
