import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { parseRedisUrl, type SentinelAddress, type ServerAddress } from '../model/redis-url.ts'
import { SettingError } from '../model/setting-error.ts'
import { ClusterSubscriber } from './cluster-subscriber.ts'
import { NodeSubscriber } from './node-subscriber.ts'
import { RedisHealth, type RedisReport } from './redis-health.ts'
import { answerMilliseconds, nodeOptions, openNode, retryStrategy, watch } from './redis-node.ts'
import { findPrimary } from './redis-sentinel.ts'

/** How long the start waits until every connection is open, in milliseconds. */
const openMilliseconds = 8000

/** How often the owners of a cluster's slots are read where nothing says that they have changed, in milliseconds. */
const slotsMilliseconds = 10_000

/** The connections of one process. A Redis connection that subscribes can do nothing else; the commands hold presence. */
export interface RedisConnections {
  /** Each is answered or fails within two seconds, at once while Redis is known to be away. */
  readonly commands: Redis | Cluster
  readonly pubSub: RedisPubSubConnections
  /** Where errors go that say that Redis does not answer. */
  readonly onError: (error: unknown) => void
  close(): void
}

/** Publishing and subscribing. Nothing here is queued while Redis is away. */
export interface RedisPubSubConnections {
  readonly publisher: { publish(topic: string, message: string): Promise<unknown> }
  readonly subscriber: {
    on(event: string, listener: (topic: string, message: string) => void): unknown
    /** Resolves when the subscription has taken effect, or when it cannot now: then it has before the next gap. Never fails. */
    subscribe(topic: string): Promise<void>
    unsubscribe(topic: string): void
  }
  /** Which event of the subscriber brings what was published. */
  readonly messageEvent: 'message' | 'smessage'
  /** Calls back when messages may have been lost, once new ones arrive again. */
  onGap(listener: () => void): void
}

/** Connects; a server that does not answer at the start is an error of the start. */
export async function openRedis(url: string, report: RedisReport): Promise<RedisConnections> {
  try {
    const address = parseRedisUrl(url)
    if ('sentinels' in address) return await openPrimary(address, report)
    const { urls } = address
    if (await isCluster(urls)) return await openCluster(urls, report)
    if (urls.length > 1) throw new SettingError('REDIS_URL: several servers are named, and they are no cluster')
    return await openSingle((options) => openNode(urls[0], options), report)
  } catch (error) {
    if (error instanceof SettingError) throw error
    const { message } = firstOf(error)
    const isRefused = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:AUTH|invalid password))/.test(message)
    const reason = isRefused ? 'the server refuses the user or its password' : 'the server does not answer'
    throw new SettingError(`REDIS_URL: ${reason} (${message})`, { cause: error })
  }
}

/** Of several servers the first one speaks for all. */
const firstOf = (error: unknown): Error => (error instanceof AggregateError ? error.errors[0] : error) as Error

/** Asks the servers themselves, so that one setting fits both; the first that answers is believed. */
function isCluster(urls: readonly string[]): Promise<boolean> {
  return Promise.any(urls.map(isOfCluster))
}

async function isOfCluster(url: string): Promise<boolean> {
  const probe = new Redis(url, { ...nodeOptions, lazyConnect: true, retryStrategy: () => null })
  let reason: Error | undefined
  probe.on('error', (error: Error) => (reason = error))
  try {
    await probe.connect()
    const found = await probe.info()
    if (found.includes('redis_mode:sentinel'))
      throw new SettingError(
        'REDIS_URL: a sentinel answers there; expected redis+sentinel:// and the name of the primary',
      )
    return found.includes('cluster_enabled:1')
  } catch (error) {
    // What the connection ended for; the call knows only that it has.
    throw reason ?? error
  } finally {
    probe.disconnect()
  }
}

/** What is sent to a connection that subscribes; a check of its state would fail on one that does already. */
const subscriberOptions = {
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableReadyCheck: false,
} satisfies RedisOptions

/** The one that the sentinels name, whichever server that is. */
async function openPrimary(address: SentinelAddress, report: RedisReport): Promise<RedisConnections> {
  let opened: RedisConnections | undefined
  const primary = await findPrimary(address, (reason) => opened?.onError(reason))
  const close = (): void => {
    opened?.close()
    primary.close()
  }
  return orClose(close, async () => {
    opened = await openSingle(primary.open, report)
    return { ...opened, close }
  })
}

type Open = (options: RedisOptions) => Redis

async function openSingle(open: Open, report: RedisReport): Promise<RedisConnections> {
  const publisher = open({})
  const commands = open({})
  const connection = open(subscriberOptions)
  const all = [publisher, commands, connection]
  const health = new RedisHealth(report, () => pingAll(all))
  publisher.on('error', health.onError)
  commands.on('error', health.onError)
  const gaps = new Gaps()
  const subscriber = new NodeSubscriber(connection, 'subscribe', { onError: health.onError, onGap: gaps.notify })
  const close = (): void => {
    health.close()
    for (const each of all) each.disconnect()
  }
  await orClose(close, () => Promise.all(all.map((each) => once(each, 'ready'))))
  return {
    commands,
    pubSub: { publisher, subscriber, messageEvent: 'message', onGap: gaps.add },
    onError: health.onError,
    close,
  }
}

/** Sharded pub/sub: a message goes to the node that owns the topic's slot, not to every node of the cluster. */
async function openCluster(urls: ServerAddress['urls'], report: RedisReport): Promise<RedisConnections> {
  const [url] = urls
  const { username, password, protocol } = new URL(url)
  const commands = new Cluster(urls.map(toHost), {
    redisOptions: {
      ...nodeOptions,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue: false,
    // It would ask any node, also one that does not answer, and begin again with all of them.
    enableReadyCheck: false,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: slotsMilliseconds,
  })
  commands.on('+node', watch)
  const pings = (): readonly Redis[] => [...commands.nodes('master'), ...(subscriber?.connections ?? [])]
  const health = new RedisHealth(report, () => pingAll(pings()))
  commands.on('error', health.onError)
  const gaps = new Gaps()
  let subscriber: ClusterSubscriber | undefined
  const close = (): void => {
    health.close()
    subscriber?.close()
    commands.disconnect()
  }
  return orClose(close, async () => {
    await once(commands, 'ready')
    const open = (node: string): Redis => openNode(urlOf(url, node), subscriberOptions)
    subscriber = new ClusterSubscriber(commands, open, { onError: health.onError, onGap: gaps.notify })
    // Nodes are connected when they get their first command; commands meanwhile would be refused. One that does not
    // answer is away, and the others do.
    const signal = AbortSignal.timeout(answerMilliseconds)
    const subscribing = subscriber.connections.map((each) => once(each, 'ready', { signal }))
    const results = await Promise.allSettled([...subscribing, ...commands.nodes('master').map((node) => node.ping())])
    const failed = results.find(({ status }) => status === 'rejected')
    if (failed) health.onError((failed as PromiseRejectedResult).reason)
    return {
      commands,
      pubSub: {
        publisher: { publish: (topic, message) => commands.spublish(topic, message) },
        subscriber,
        messageEvent: 'smessage',
        onGap: gaps.add,
      },
      onError: health.onError,
      close,
    }
  })
}

function toHost(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }
}

/** The same server in another place, given as the client of the cluster names it. */
function urlOf(url: string, node: string): string {
  const { protocol, username, password } = new URL(url)
  const at = node.lastIndexOf(':')
  const [host, port] = [node.slice(0, at), node.slice(at + 1)]
  const credentials = username || password ? `${username}:${password}@` : ''
  return `${protocol}//${credentials}${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function pingAll(connections: readonly Redis[]): Promise<void> {
  await Promise.all(connections.map((each) => each.ping()))
}

/** Bounds the start, and leaves nothing of it behind when it fails. */
async function orClose<Result>(close: () => void, open: () => Promise<Result>): Promise<Result> {
  const limit = new AbortController()
  try {
    const tooLate = delay(openMilliseconds, undefined, { signal: limit.signal }).then(() => {
      throw new Error(`no connection within ${openMilliseconds} ms`)
    })
    return await Promise.race([open(), tooLate])
  } catch (error) {
    close()
    throw error
  } finally {
    limit.abort()
  }
}

class Gaps {
  readonly #listeners: (() => void)[] = []
  readonly add = (listener: () => void): void => void this.#listeners.push(listener)
  readonly notify = (): void => this.#listeners.forEach((listener) => listener())
}
