import fastify from 'fastify'
import mercurius from 'mercurius'
import { serve, typeDefs } from './harness.ts'

/** mercurius on fastify, with its own emitter. */
const app = fastify()
app.register(mercurius as never, {
  schema: typeDefs,
  resolvers: {
    Subscription: {
      messageAdded: { subscribe: (_root: unknown, _args: unknown, { pubsub }: any) => pubsub.subscribe('message') },
    },
  },
  subscription: { fullWsTransport: true },
})
await app.ready()
serve(app.server, (messageAdded) => {
  ;(app as any).graphql.pubsub.publish({ topic: 'message', payload: { messageAdded } })
})
