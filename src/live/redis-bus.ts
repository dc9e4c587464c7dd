import { RedisPubSub } from 'graphql-redis-subscriptions'
import type { Bus } from './bus.ts'
import type { RedisConnections } from './redis.ts'

const datePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const dateKey = /At$/

/** Dates travel as JSON writes them; only keys that end in `At` hold one, so no message body turns into a date. */
function reviveDate(key: string, value: unknown): unknown {
  return typeof value === 'string' && dateKey.test(key) && datePattern.test(value) ? new Date(value) : value
}

/** The bus between processes, over Redis pub/sub. Holds nothing: what Redis loses, the feeds read from the store. */
export function createRedisBus(redis: RedisConnections, onError: (error: unknown) => void): Bus {
  ignoreRefusedEndings(redis.subscriber)
  const pubSub = new RedisPubSub({
    publisher: redis.publisher,
    subscriber: redis.subscriber,
    messageEventName: redis.messageEvent,
    reviver: reviveDate,
  })
  const gapListeners = new Set<() => void>()
  let connections = 0
  redis.subscriber.on('ready', () => {
    if (connections++ === 0) return
    // The client has just asked for its subscriptions again. An answer on the same connection comes after those have
    // taken effect, so nothing can slip between this check and the first hint.
    const notify = (): void => gapListeners.forEach((listener) => listener())
    redis.subscriber.ping().then(notify, notify)
  })
  return {
    publish: (topic, payload) => {
      pubSub.publish(topic, payload).catch(onError)
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

/**
 * The library drops the promises of these two. When the connection closes before they are answered they are refused, which nobody
 * would catch; and then nothing is subscribed any more either.
 */
function ignoreRefusedEndings(subscriber: RedisConnections['subscriber']): void {
  const { unsubscribe, punsubscribe } = subscriber
  Object.assign(subscriber, {
    unsubscribe: (channel: string) => unsubscribe.call(subscriber, channel).catch(() => undefined),
    punsubscribe: (channel: string) => punsubscribe.call(subscriber, channel).catch(() => undefined),
  })
}
