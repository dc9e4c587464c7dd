import { EventEmitter } from 'node:events'
import { PubSub } from 'graphql-subscriptions'
import { BusCounts, type Bus } from './bus.ts'

/** The bus within one process. Nothing gets lost on the way, so there is never a gap. The emitter has its topics as events. */
export function createMemoryBus(eventEmitter = new EventEmitter().setMaxListeners(0)): Bus {
  const pubSub = new PubSub({ eventEmitter })
  const counts = new BusCounts()
  return {
    counts,
    publish: (topic, payload) => {
      counts.published++
      void pubSub.publish(topic, payload)
    },
    subscribe: async (topic, listener) => {
      const id = await pubSub.subscribe(topic, listener)
      return () => pubSub.unsubscribe(id)
    },
    onGap: () => () => {},
  }
}
