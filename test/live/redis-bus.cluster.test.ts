import { createServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import { CounterSweep } from '../../src/domain/realtime/counter-sweep.ts'
import type { Bus } from '../../src/live/bus.ts'
import { createRedisBus } from '../../src/live/redis-bus.ts'
import type { RedisReport } from '../../src/live/redis-health.ts'
import { openRedis, type RedisConnections } from '../../src/live/redis.ts'
import { freePort } from '../support/free-port.ts'
import { openKit, record, uniqueName } from '../support/kit.ts'
import { startRedisCluster, type RedisCluster } from '../support/redis-cluster.ts'
import { startRedisServer, type RedisServer } from '../support/redis-server.ts'
import { waitFor } from '../support/wait.ts'
import { busContract, listen, type BusPair } from './bus.contract.ts'

const silent: RedisReport = { away: () => {}, back: () => {} }

async function openPair(url: string): Promise<BusPair> {
  const connections = [await openRedis(url, silent), await openRedis(url, silent)] as const
  const [one, other] = connections.map((each) => createRedisBus(each)) as [Bus, Bus]
  return { one, other, [Symbol.asyncDispose]: () => closeAll(connections) }
}

async function closeAll(connections: readonly RedisConnections[]): Promise<void> {
  for (const connection of connections) connection.close()
}

async function openFor(url: string): Promise<BusPair> {
  const pair = await openPair(url)
  onTestFinished(() => pair[Symbol.asyncDispose]())
  return pair
}

async function command(url: string, ...[name, ...args]: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(url)
  try {
    return await redis.call(name, ...args)
  } finally {
    redis.disconnect()
  }
}

/** Publishes until something arrives: while a connection is being made again, hints may be lost. */
async function flowsAgain(from: Bus, topic: string, received: readonly unknown[]): Promise<void> {
  const before = received.length
  await waitFor(() => {
    from.publish(topic, 'again')
    return received.length > before
  })
}

describe('a Redis server', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  busContract('over Redis', () => openPair(server.url))

  test('P5: that cuts its subscribers off is a gap, after which nothing is lost', async () => {
    const { one, other } = await openFor(server.url)
    const topic = uniqueName('topic')
    const { received } = await listen(other, topic)
    let gaps = 0
    other.onGap(() => {
      gaps++
      one.publish(topic, `after gap ${gaps}`)
    })
    for (const gap of [1, 2, 3]) {
      await command(server.url, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
      await waitFor(() => received.includes(`after gap ${gap}`))
    }
    expect(gaps).toBe(3)
  })

  test('P5: that gets topics at any moment of connecting again subscribes to them all on that connection', async () => {
    const errors: unknown[] = []
    const connections = await openRedis(server.url, { ...silent, away: (error) => errors.push(error) })
    onTestFinished(() => connections.close())
    const bus = createRedisBus(connections)
    await listen(bus, uniqueName('topic'))
    let gaps = 0
    bus.onGap(() => gaps++)
    await command(server.url, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
    const asked: ReturnType<typeof listen>[] = []
    // Each turn of the event loop, since the moment in question is shorter than a millisecond.
    while (gaps === 0) {
      asked.push(listen(bus, uniqueName('topic')))
      await nextTurn()
    }
    await Promise.all(asked)
    expect({ errors, gaps }).toEqual({ errors: [], gaps: 1 })
  })

  test('P5: that reports no gap to a listener that was removed', async () => {
    const { other } = await openFor(server.url)
    await listen(other, uniqueName('topic'))
    const gaps: string[] = []
    const stop = other.onGap(() => gaps.push('stopped'))
    other.onGap(() => gaps.push('goes on'))
    stop()
    await command(server.url, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
    await waitFor(() => gaps.length > 0)
    expect(gaps).toEqual(['goes on'])
  })

  test('P5: that is away makes no publish throw, and gets all subscriptions back, also those made meanwhile', async () => {
    const { one, other } = await openFor(server.url)
    const topics = [uniqueName('topic'), uniqueName('topic'), uniqueName('topic')] as const
    const before = await listen(other, topics[0])
    const dropped = await listen(other, topics[1])
    await server.stop()
    expect(one.publish(topics[0], 'lost')).toBeUndefined()
    const meanwhile = listen(other, topics[2])
    dropped.unsubscribe()
    await server.start()
    const { received } = await meanwhile
    await flowsAgain(one, topics[2], received)
    await flowsAgain(one, topics[0], before.received)
    one.publish(topics[1], 'nobody')
    await flowsAgain(one, topics[0], before.received)
    expect(before.received).not.toContain('lost')
    expect(dropped.received).toEqual([])
  })

  test('P5: that is away keeps nobody from closing, whatever was under way', async () => {
    const errors: unknown[] = []
    const connections = await openRedis(server.url, { ...silent, away: (error) => errors.push(error) })
    const bus = createRedisBus(connections)
    const { unsubscribe } = await listen(bus, uniqueName('topic'))
    await server.stop()
    void listen(bus, uniqueName('topic'))
    void listen(bus, uniqueName('topic'))
    unsubscribe()
    bus.publish('topic', 'lost')
    await waitFor(() => errors.length > 0)
    connections.close()
    await server.start()
    // None of what was under way is left unhandled, which would fail the run.
    expect(errors.every((error) => error instanceof Error)).toBe(true)
  })

  test('that does not answer at the start is an error of the start', async () => {
    await server.stop()
    await expect(openRedis(server.url, silent)).rejects.toThrow('REDIS_URL: the server does not answer')
    await server.start()
  })
})

describe('a Redis Cluster of three nodes', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  busContract('over Redis Cluster', () => openPair(cluster.url))

  test('P5: it starts while nodes that REDIS_URL names are away, when one of them answers', async () => {
    const [absent, silentPort] = [await freePort(), await freePort()]
    const hung = createServer().listen(silentPort, '127.0.0.1')
    onTestFinished(() => void hung.close())
    const hosts = (...ports: readonly number[]): string => `redis://${ports.map((port) => `127.0.0.1:${port}`).join()}`
    const { one, other } = await openFor(hosts(absent, silentPort, cluster.nodes[1].port))
    for (const topic of await topicsOfNodes()) {
      const { received } = await listen(other, topic)
      one.publish(topic, 'hint')
      await waitFor(() => received.length > 0)
    }
    await expect(openRedis(hosts(absent, absent), silent)).rejects.toThrow(
      'REDIS_URL: the server does not answer (connect ECONNREFUSED',
    )
    await using alone = await startRedisServer()
    await expect(openRedis(hosts(absent, alone.port), silent)).rejects.toThrow(
      'REDIS_URL: several servers are named, and they are no cluster',
    )
  })

  /** Topics on each of the nodes. */
  async function topicsOfNodes(): Promise<string[]> {
    const found: (string | undefined)[] = cluster.nodes.map(() => undefined)
    while (found.includes(undefined)) {
      const topic = uniqueName('topic')
      const slot = Number(await command(cluster.url, 'CLUSTER', 'KEYSLOT', topic))
      found[Math.floor((slot * cluster.nodes.length) / 16_384)] ??= topic
    }
    return found as string[]
  }

  test('sends each hint to the one node that owns the topic', async () => {
    const { one, other } = await openFor(cluster.url)
    const topics = await topicsOfNodes()
    const all = await Promise.all(topics.map((topic) => listen(other, topic)))
    for (const topic of topics) one.publish(topic, topic)
    await waitFor(() => all.every(({ received }) => received.length === 1))
    const onNodes = await Promise.all(
      cluster.nodes.map(({ url }) => command(url, 'PUBSUB', 'SHARDCHANNELS', 'topic-*') as Promise<string[]>),
    )
    expect(topics.map((topic) => onNodes.map((channels) => channels.includes(topic)))).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ])
    for (const { unsubscribe } of all) unsubscribe()
    await waitFor(async () => {
      const left = await Promise.all(
        cluster.nodes.map(({ url }) => command(url, 'PUBSUB', 'SHARDCHANNELS', 'topic-*') as Promise<string[]>),
      )
      return topics.every((topic) => !left.flat().includes(topic))
    })
  })

  test('P5: whose nodes cut their subscribers off is a gap, after which hints flow again', async () => {
    const { one, other } = await openFor(cluster.url)
    const topics = await topicsOfNodes()
    const all = await Promise.all(topics.map((topic) => listen(other, topic)))
    let gaps = 0
    other.onGap(() => gaps++)
    for (const [at, node] of cluster.nodes.entries()) {
      const before = gaps
      await command(node.url, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
      await waitFor(() => gaps > before)
      await flowsAgain(one, topics[at]!, all[at]!.received)
    }
    expect(gaps).toBeGreaterThanOrEqual(3)
  })

  test('P5: whose node crashes and comes back gets its subscriptions again, also those made meanwhile', async () => {
    const { one, other } = await openFor(cluster.url)
    const topics = await topicsOfNodes()
    const all = await Promise.all(topics.map((topic) => listen(other, topic)))
    const node = cluster.nodes[2]
    await node.crash()
    one.publish(topics[2]!, 'lost')
    const meanwhile = listen(other, `{${topics[2]!}}`)
    await node.start()
    const { received } = await meanwhile
    await flowsAgain(one, `{${topics[2]!}}`, received)
    for (const [at, topic] of topics.entries()) await flowsAgain(one, topic, all[at]!.received)
    expect(all[2]!.received).not.toContain('lost')
  })

  test('P5: whose nodes are all lost at once gets its subscriptions again, after a gap', async () => {
    const { one, other } = await openFor(cluster.url)
    const topics = await topicsOfNodes()
    const all = await Promise.all(topics.map((topic) => listen(other, topic)))
    let gaps = 0
    other.onGap(() => gaps++)
    for (const node of cluster.nodes) await node.crash()
    const meanwhile = await listen(other, `{${topics[1]!}}`)
    for (const node of cluster.nodes) await node.start()
    await waitFor(() => gaps > 0)
    await flowsAgain(one, `{${topics[1]!}}`, meanwhile.received)
    for (const [at, topic] of topics.entries()) await flowsAgain(one, topic, all[at]!.received)
    expect(gaps).toBeGreaterThan(0)
  })

  test('P5: whose slots move to another node gets their topics from there', async () => {
    const { one, other } = await openFor(cluster.url)
    const topic = (await topicsOfNodes())[0]!
    const { received } = await listen(other, topic)
    const slot = String(await command(cluster.url, 'CLUSTER', 'KEYSLOT', topic))
    const ids = await Promise.all(cluster.nodes.map(({ url }) => command(url, 'CLUSTER', 'MYID')))
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ] as const) {
      await command(cluster.nodes[to].url, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(ids[from]))
      await command(cluster.nodes[from].url, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(ids[to]))
      for (const node of [cluster.nodes[to], cluster.nodes[from], cluster.nodes[2]]) {
        await command(node.url, 'CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[to]))
      }
      await flowsAgain(one, topic, received)
      expect(await command(cluster.nodes[to].url, 'PUBSUB', 'SHARDCHANNELS', topic)).toEqual([topic])
    }
  }, 60_000)

  test('P5: that is closed while a node is away leaves nothing unhandled', async () => {
    const errors: unknown[] = []
    const connections = await openRedis(cluster.url, { ...silent, away: (error) => errors.push(error) })
    const bus = createRedisBus(connections)
    const topics = await topicsOfNodes()
    const { unsubscribe } = await listen(bus, topics[1]!)
    await cluster.nodes[1].stop()
    void listen(bus, `{${topics[1]!}}`)
    unsubscribe()
    bus.publish(topics[1]!, 'lost')
    connections.close()
    await cluster.nodes[1].start()
    expect(errors.every((error) => error instanceof Error)).toBe(true)
  })

  test('P3: delivers messages between two servers at once', async () => {
    const run = vi.spyOn(CounterSweep.prototype, 'run').mockResolvedValue()
    onTestFinished(() => run.mockRestore())
    await using kit = await openKit({ REDIS_URL: cluster.url })
    const second = await kit.another()
    const [alice, bob] = [await kit.user('alice'), (await kit.user('bob')).at(second)]
    const clients = [alice.connect(), bob.connect()] as const
    for (let round = 0; round < 5; round++) {
      const { id: channelId } = await kit.channel([alice, bob])
      const recordings = clients.map((client) => record(client, MessageBodiesDocument, { channelId }))
      await waitFor(() => [kit.server, second].every(({ app }) => (app.feeds.get(channelId)?.groups.size ?? 0) > 0))
      await alice.send(channelId, 'from the first')
      await bob.send(channelId, 'from the second')
      for (const recording of recordings) {
        expect(await recording.atLeast(2)).toEqual([
          { messageAdded: { index: 0, body: 'from the first' } },
          { messageAdded: { index: 1, body: 'from the second' } },
        ])
      }
    }
    for (const client of clients) await client.dispose()
  })
})
