import { once } from 'node:events'
import { Cluster, Redis } from 'ioredis'
import { ClusterSubscriber } from './cluster-subscriber.ts'
import { retryStrategy } from './redis-retry.ts'

/** The connections of one process. A Redis connection that subscribes can do nothing else; the commands hold presence. */
export interface RedisConnections {
  readonly commands: Redis | Cluster
  readonly pubSub: RedisPubSubConnections
  close(): Promise<void>
}

/**
 * Publishing and subscribing, in the shape that graphql-redis-subscriptions asks of a client. It awaits nothing of what it asks
 * when unsubscribing, and cannot take a refusal when subscribing, so neither ever fails here.
 */
export interface RedisPubSubConnections {
  readonly publisher: { publish(topic: string, message: string): Promise<unknown> }
  readonly subscriber: {
    on(event: string, listener: (topic: string, message: string) => void): unknown
    /** Calls back when the subscription has taken effect, however long that takes. */
    subscribe(topic: string, done: (error?: null) => void): void
    unsubscribe(topic: string): void
    /** Patterns are not used; it is called all the same. */
    punsubscribe(): void
  }
  /** Which event of the subscriber brings what was published. */
  readonly messageEvent: 'message' | 'smessage'
  /** Calls back when messages may have been lost, once new ones arrive again. */
  onGap(listener: () => void): void
}

export async function openRedis(url: string, onError: (error: unknown) => void): Promise<RedisConnections> {
  return (await isCluster(url)) ? openCluster(url, onError) : openSingle(url, onError)
}

/** Asks the server itself, so that one setting fits both; a server that does not answer at the start is an error of the start. */
async function isCluster(url: string): Promise<boolean> {
  const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5000 })
  probe.on('error', () => {})
  try {
    await probe.connect()
    return (await probe.info('cluster')).includes('cluster_enabled:1')
  } catch (error) {
    throw new Error('REDIS_URL: the server does not answer', { cause: error })
  } finally {
    probe.disconnect()
  }
}

async function openSingle(url: string, onError: (error: unknown) => void): Promise<RedisConnections> {
  // Without the offline queue a hint that cannot be sent is dropped at once instead of piling up in memory.
  const publisher = new Redis(url, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  const commands = new Redis(url, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  // With it, and retries without end, what is asked here fails only when the connection is closed for good.
  // Unchecked: a subscription that is asked for while the check is under way makes its INFO fail, and with it the connection.
  const subscriber = new Redis(url, { retryStrategy, maxRetriesPerRequest: null, enableReadyCheck: false })
  const all = [publisher, subscriber, commands]
  for (const connection of all) connection.on('error', onError)
  const gapListeners: (() => void)[] = []
  // The subscriber too: whatever connection it has after this one follows a gap.
  await Promise.all(all.map((connection) => once(connection, 'ready')))
  subscriber.on('ready', () => {
    // The client has just asked for its subscriptions again. An answer on the same connection comes after those have
    // taken effect, so nothing can slip between this check and the first message.
    const tell = (): void => gapListeners.forEach((listener) => listener())
    subscriber.ping().then(tell, tell)
  })
  return {
    commands,
    pubSub: {
      publisher,
      subscriber: {
        on: (event, listener) => subscriber.on(event, listener),
        subscribe: (topic, done) => void subscriber.subscribe(topic).then(() => done(), onError),
        unsubscribe: (topic) => void subscriber.unsubscribe(topic).catch(onError),
        punsubscribe: () => {},
      },
      messageEvent: 'message',
      onGap: (listener) => gapListeners.push(listener),
    },
    close: async () => all.forEach((connection) => connection.disconnect()),
  }
}

/** Sharded pub/sub: a message goes to the node that owns the topic's slot, not to every node of the cluster. */
async function openCluster(url: string, onError: (error: unknown) => void): Promise<RedisConnections> {
  const { hostname, port, username, password, protocol } = new URL(url)
  const options = {
    redisOptions: {
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  }
  const nodes = [{ host: hostname, port: Number(port || 6379) }]
  // A hint that cannot be sent is dropped at once, instead of piling up in memory and overtaking others later.
  const commands = new Cluster(nodes, {
    ...options,
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue: false,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
  })
  commands.on('error', onError)
  const openSubscriber = () =>
    new Cluster(nodes, { ...options, clusterRetryStrategy: () => null, shardedSubscribers: true })
  const subscriber = new ClusterSubscriber(openSubscriber, onError)
  await once(commands, 'ready')
  // Nodes are connected when they are first asked for something; what is asked meanwhile would be refused.
  await Promise.all(commands.nodes('master').map((node) => node.ping()))
  return {
    commands,
    pubSub: {
      publisher: { publish: (topic, message) => commands.spublish(topic, message) },
      subscriber,
      messageEvent: 'smessage',
      onGap: (listener) => subscriber.onGap(listener),
    },
    close: async () => {
      subscriber.close()
      commands.disconnect()
    },
  }
}
