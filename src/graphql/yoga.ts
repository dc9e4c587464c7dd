import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { App } from '../app.ts'
import { readOperationContext, type Context } from './context.ts'
import { parseDocument } from './documents.ts'
import { toCallerError } from './errors.ts'
import { subscribeIterable } from './event-stream.ts'

interface YogaContext {
  readonly operation: Context
}

/** What of GraphQL over HTTP is no plain POST: queries by GET, subscriptions over Server-Sent Events, GraphiQL for browsers. */
export function createGraphqlHttp(app: App, schema: GraphQLSchema) {
  return createYoga<object, YogaContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    multipart: false,
    logging: false,
    cors: { origin: '*', credentials: false, methods: ['GET', 'POST', 'OPTIONS'], maxAge: 86_400 },
    parserAndValidationCache: true,
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
    renderGraphiQL,
    // Over WebSocket GraphiQL would not send the credentials.
    graphiql: { title: 'fonechat', subscriptionsProtocol: 'SSE', defaultQuery: exampleOperations },
    plugins: [useOwnParser(), useOwnContext(), useOwnErrors(app), useFanout()],
  })
}

function useOwnParser(): Plugin<YogaContext> {
  return { onParse: ({ setParseFn }) => setParseFn(parseDocument) }
}

/** Resolvers get the operation's context itself, not the object that Yoga collects around it. */
function useOwnContext(): Plugin<YogaContext> {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      const { operation } = args.contextValue as unknown as YogaContext
      setExecuteFn((given) => executeFn({ ...given, contextValue: operation }) as never)
    },
  }
}

/** Errors of validation do not pass the masking. */
function useOwnErrors(app: App): Plugin<YogaContext> {
  return {
    onValidate: () => {
      return ({ result, setResult }) => setResult(result.map((error) => toCallerError(error, app.logger)))
    },
  }
}

function useFanout(): Plugin<YogaContext> {
  return {
    onSubscribe: ({ args, setSubscribeFn }) => {
      const context = (args.contextValue as unknown as YogaContext).operation
      setSubscribeFn(() => subscribeIterable({ ...args, context }) as never)
    },
  }
}

const exampleOperations = `# Welcome to fonechat.
#
# Put your credentials below, under "Headers":
#
#   { "Authorization": "Bearer …" }
#     as a user, with a token from
#     createAccessToken
#   { "Authorization": "Basic …" }
#     as the backend, with base64 of
#     account SID:auth token

query Me {
  viewer { kind identity service { id friendlyName } }
}

# Backend: a token for alice.
mutation Token {
  createAccessToken(input: { identity: "alice" }) { token expiresAt }
}

mutation Send {
  sendMessage(input: { channelId: "general", body: "Draw the owl!" }) {
    message { id index body authorIdentity createdAt }
  }
}

query History {
  channel(id: "general") {
    friendlyName membersCount messagesCount
    messages(last: 25) { nodes: edges { node { index body authorIdentity } } }
  }
}

# Keep this running, and send from another tab.
subscription Live {
  messageAdded(channelId: "general") { index body authorIdentity }
}
`
