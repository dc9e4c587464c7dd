import { useServer } from 'graphql-ws/use/ws'
import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import type { Json } from '../answer.ts'
import { createServer, serve, typeDefs, type Message } from './harness.ts'

/** graphql-yoga with graphql-ws, as their documentation sets them up. */
const pubSub = createPubSub<{ message: [message: Message] }>()
const yoga = createYoga({
  graphiql: { subscriptionsProtocol: 'WS' },
  logging: false,
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: { ok: () => true },
      Subscription: {
        messageAdded: { subscribe: () => pubSub.subscribe('message'), resolve: (message: Message) => message },
      },
    },
  }),
})
// oxlint-disable-next-line no-misused-promises -- as documented
const server = createServer(yoga)
useServer(
  {
    execute: (args: Json) => args.rootValue.execute(args),
    subscribe: (args: Json) => args.rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: (ctx.extra as Json).request,
        socket: (ctx.extra as Json).socket,
        params,
      })
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      }
      const errors = validate(args.schema, args.document)
      return errors.length > 0 ? errors : (args as never)
    },
  },
  new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
)
serve(server, (message) => pubSub.publish('message', message))
