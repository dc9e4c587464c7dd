import { RedisPubSub, type PubSubRedisOptions } from 'graphql-redis-subscriptions'
import { BusCounts, type Bus } from './bus.ts'
import { parseHint } from './hint-text.ts'
import type { RedisConnections } from './redis.ts'

/** Hints on their way to a Redis that does not answer, before it counts as away; each is held for up to four seconds. */
const maxUnanswered = 4000

/** The bus between processes, over Redis pub/sub. What Redis loses, the feeds read from the store. */
export function createRedisBus({ pubSub: connections, onError }: RedisConnections): Bus {
  const { publisher, subscriber, messageEvent, onGap } = connections
  const counts = new BusCounts()
  // The shape that the library expects of a client. It does not handle failures of either call, so neither fails here. It calls
  // `punsubscribe` although no patterns are used.
  const clients = {
    publisher,
    subscriber: {
      on: (event: string, listener: (topic: string, message: string) => void) => subscriber.on(event, listener),
      subscribe: (topic: string, done: () => void) => void subscriber.subscribe(topic).then(done),
      unsubscribe: (topic: string) => subscriber.unsubscribe(topic),
      punsubscribe: () => {},
    },
  } as unknown as Pick<PubSubRedisOptions, 'publisher' | 'subscriber'>
  const pubSub = new RedisPubSub({
    ...clients,
    messageEventName: messageEvent,
    deserializer: (text) => {
      counts.received++
      return parseHint(String(text))
    },
  })
  const gapListeners = new Set<() => void>()
  onGap(() => {
    counts.gaps++
    gapListeners.forEach((listener) => listener())
  })
  let unanswered = 0
  const answered = (): void => void unanswered--
  const failed = (error: unknown): void => {
    counts.dropped++
    onError(error)
  }
  return {
    counts,
    publish: (topic, payload) => {
      counts.published++
      if (unanswered >= maxUnanswered) return void counts.dropped++
      unanswered++
      pubSub.publish(topic, payload).catch(failed).then(answered, answered)
    },
    subscribe: async (topic, listener) => {
      const id = await pubSub.subscribe(topic, listener)
      return () => pubSub.unsubscribe(id)
    },
    onGap: (listener) => {
      gapListeners.add(listener)
      return () => gapListeners.delete(listener)
    },
  }
}
