import fastify from 'fastify'
import mercurius from 'mercurius'
import { serve, typeDefs } from './harness.ts'

interface Context {
  readonly pubsub: { subscribe(topic: string): Promise<AsyncIterable<unknown>> }
}

/** mercurius on fastify, with its own emitter. */
const app = fastify()
app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Subscription: {
      messageAdded: { subscribe: (_root: unknown, _args: unknown, { pubsub }: Context) => pubsub.subscribe('message') },
    },
  },
  subscription: { fullWsTransport: true },
})
await app.ready()
serve(app.server, (messageAdded) => {
  app.graphql.pubsub.publish({ topic: 'message', payload: { messageAdded } })
})
