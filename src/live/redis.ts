import { Cluster, Redis } from 'ioredis'

/**
 * The connections of one process. A Redis connection that subscribes can do nothing else, hence two; the third holds
 * presence.
 */
export interface RedisConnections {
  readonly publisher: Redis | Cluster
  readonly subscriber: Redis | Cluster
  readonly commands: Redis | Cluster
  /** Which event of the subscriber brings what was published. */
  readonly messageEvent: 'message' | 'smessage'
  close(): Promise<void>
}

/** Tries again for ever: a Redis that is away makes hints late, never the server unusable. */
const retryStrategy = (attempt: number): number => Math.min(50 * attempt, 1000)

export async function openRedis(url: string, onError: (error: unknown) => void): Promise<RedisConnections> {
  const connections = (await isCluster(url)) ? openCluster(url) : openSingle(url)
  const { publisher, subscriber, commands } = connections
  for (const connection of new Set([publisher, subscriber, commands])) connection.on('error', onError)
  return {
    ...connections,
    close: async () => {
      for (const connection of new Set([publisher, subscriber, commands])) connection.disconnect()
    },
  }
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

function openSingle(url: string) {
  // Without the offline queue a hint that cannot be sent is dropped at once instead of piling up in memory.
  const publisher = new Redis(url, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  const subscriber = new Redis(url, { retryStrategy, maxRetriesPerRequest: null })
  const commands = new Redis(url, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  return { publisher, subscriber, commands, messageEvent: 'message' } as const
}

/**
 * Sharded pub/sub: a message goes to the node that owns the channel's slot, not to every node of the cluster. The bus
 * speaks the plain commands; here they become the sharded ones.
 */
function openCluster(url: string) {
  const { hostname, port, username, password, protocol } = new URL(url)
  const options = {
    clusterRetryStrategy: retryStrategy,
    redisOptions: {
      ...(username && { username }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  }
  const nodes = [{ host: hostname, port: Number(port || 6379) }]
  const commands = new Cluster(nodes, { ...options, enableOfflineQueue: false })
  const cluster = new Cluster(nodes, { ...options, shardedSubscribers: true })
  const publisher = Object.assign(Object.create(commands) as Cluster, {
    publish: (channel: string, message: string) => commands.spublish(channel, message),
  })
  const subscriber = Object.assign(Object.create(cluster) as Cluster, {
    subscribe: (channel: string, done: (error?: Error | null) => void) => cluster.ssubscribe(channel, done),
    unsubscribe: (channel: string) => cluster.sunsubscribe(channel),
    punsubscribe: async () => 0,
  })
  return { publisher, subscriber, commands, messageEvent: 'smessage' } as const
}
