import { EventEmitter } from 'node:events'
import { PubSub } from 'graphql-subscriptions'
import type { Bus } from './bus.ts'

/** The bus within one process. Nothing gets lost on the way, so there is never a gap. The emitter has its topics as events. */
export function createMemoryBus(eventEmitter = new EventEmitter().setMaxListeners(0)): Bus {
  const pubSub = new PubSub({ eventEmitter })
  return {
    publish: (topic, payload) => {
      void pubSub.publish(topic, payload)
    },
    subscribe: async (topic, listener) => {
      const id = await pubSub.subscribe(topic, listener)
      return () => pubSub.unsubscribe(id)
    },
    onGap: () => () => {},
  }
}
