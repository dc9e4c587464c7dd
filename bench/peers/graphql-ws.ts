import { EventEmitter, on } from 'node:events'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { createServer, serve, typeDefs, type Message } from './harness.ts'

/** graphql-ws alone: one execution per subscriber and event. */
const events = new EventEmitter().setMaxListeners(0)
const server = createServer()
const roots = {
  subscription: {
    messageAdded: async function* () {
      for await (const [messageAdded] of on(events, 'message')) yield { messageAdded: messageAdded as Message }
    },
  },
}
useServer({ schema: buildSchema(typeDefs), roots }, new WebSocketServer({ server }))
serve(server, (message) => events.emit('message', message))
