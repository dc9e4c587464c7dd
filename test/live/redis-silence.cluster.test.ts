import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MessageBodiesDocument, UpdateUserDocument } from '../../schema/generated/graphql.ts'
import { Presence } from '../../src/domain/realtime/presence.ts'
import { createRedisBus } from '../../src/live/redis-bus.ts'
import { createRedisExpiringSet } from '../../src/live/redis-expiring-set.ts'
import { openRedis } from '../../src/live/redis.ts'
import { newSid, type UserId } from '../../src/model/sid.ts'
import { openKit, record, uniqueName } from '../support/kit.ts'
import { openOnlooker, userIdOf } from '../support/onlooker.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { spawnServer } from '../support/server-binary.ts'
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { waitFor, within } from '../support/wait.ts'
import { listen } from './bus.contract.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What no call may take longer than: a command's two seconds, and what a slow machine adds. */
const limit = 4000

interface Silenced extends AsyncDisposable {
  readonly url: string
  /** Past every proxy. */
  readonly directUrl: string
  readonly proxies: readonly TcpProxy[]
}

async function silencedServer(): Promise<Silenced> {
  const stack = new AsyncDisposableStack()
  const { port, url } = stack.use(await startRedisServer())
  const proxy = stack.use(await openTcpProxy({ host: '127.0.0.1', port }))
  return {
    url: `redis://127.0.0.1:${proxy.port}`,
    directUrl: url,
    proxies: [proxy],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Every node announces the address of its proxy to clients. */
async function silencedCluster(): Promise<Silenced> {
  const stack = new AsyncDisposableStack()
  const { nodes } = stack.use(await startRedisCluster())
  const proxies: TcpProxy[] = []
  for (const { port, url } of nodes) {
    const proxy = stack.use(await openTcpProxy({ host: '127.0.0.1', port }))
    proxies.push(proxy)
    const node = new Redis(url)
    const [, busPort] = (await node.config('GET', 'cluster-port')) as [string, string]
    await node.config('SET', 'cluster-announce-ip', '127.0.0.1')
    await node.config('SET', 'cluster-announce-bus-port', busPort)
    await node.config('SET', 'cluster-announce-port', proxy.port)
    node.disconnect()
  }
  for (const { url } of nodes) {
    const node = new Redis(url)
    await waitFor(async () => {
      const slots = await node.cluster('SLOTS')
      return slots.every(([, , owner]) => proxies.some(({ port }) => port === owner?.[1]))
    })
    node.disconnect()
  }
  const url = `redis://127.0.0.1:${proxies[0]!.port}`
  return { url, directUrl: url, proxies, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function open(url: string) {
  const reports: string[] = []
  const connections = await openRedis(url, { away: () => reports.push('away'), back: () => reports.push('back') })
  onTestFinished(() => connections.close())
  const bus = createRedisBus(connections)
  const presence = new Presence(createRedisExpiringSet(connections))
  let gaps = 0
  bus.onGap(() => gaps++)
  return { connections, bus, presence, reports, gaps: () => gaps }
}

const present = (identity: string) => ({ userId: identity as UserId, serviceId: newSid('IS'), identity })

describe.each([
  ['server', silencedServer],
  ['cluster', silencedCluster],
])('a Redis %s that falls silent without closing a connection', (_, start) => {
  let redis: Silenced
  beforeAll(async () => {
    redis = await start()
  })
  afterAll(() => redis[Symbol.asyncDispose]())
  const stall = (options?: { readonly onlyOpen?: boolean }) => redis.proxies.forEach((proxy) => proxy.stall(options))
  const resume = () => redis.proxies.forEach((proxy) => proxy.resume())

  test('P5: keeps nobody waiting, is said to be away once and back once, and brings hints again after a gap', async () => {
    const one = await open(redis.url)
    const other = await open(redis.url)
    const topics = Array.from({ length: 12 }, () => uniqueName('topic'))
    const before = await Promise.all(topics.map((topic) => listen(other.bus, topic)))
    const [here, there] = [uniqueName('user'), uniqueName('user')]
    one.presence.connect(present(here))
    other.presence.connect(present(there))
    await waitFor(
      async () => (await one.presence.isOnline(there as UserId)) && (await other.presence.isOnline(here as UserId)),
    )
    stall()
    for (let round = 0; round < 2; round++) {
      expect(await within(one.presence.isOnline(there as UserId), limit, 'presence')).toBe(undefined)
      expect(await within(one.presence.isOnline(here as UserId), limit, 'presence of its own')).toBe(true)
      one.bus.publish(topics[0]!, 'lost')
      await within(listen(other.bus, uniqueName('topic')), limit, 'a subscription')
    }
    const meanwhile = uniqueName('topic')
    const { received } = await within(listen(other.bus, meanwhile), limit, 'a subscription')
    const gaps = other.gaps()
    await waitFor(() => one.reports.length > 0 && other.reports.length > 0)
    // Every attempt to connect fails anew.
    const taken = (): number => redis.proxies.reduce((sum, proxy) => sum + proxy.taken, 0)
    const attempts = taken() + 12
    await waitFor(() => taken() >= attempts, { timeout: 15_000 })
    expect([one.reports, other.reports]).toEqual([['away'], ['away']])
    resume()
    await waitFor(() => one.reports.length === 2 && other.reports.length === 2, { timeout: 15_000 })
    expect(other.gaps()).toBeGreaterThan(gaps)
    for (const [at, topic] of [...topics, meanwhile].entries()) {
      const arrived = before[at]?.received ?? received
      await waitFor(() => {
        one.bus.publish(topic, 'again')
        return arrived.includes('again')
      })
    }
    expect(await one.presence.isOnline(there as UserId)).toBe(true)
    expect([one.reports, other.reports]).toEqual([
      ['away', 'back'],
      ['away', 'back'],
    ])
  }, 60_000)

  test('P5: has its dead connections replaced, also those on which silence is usual', async () => {
    const one = await open(redis.url)
    const other = await open(redis.url)
    const topics = Array.from({ length: 12 }, () => uniqueName('topic'))
    const all = await Promise.all(topics.map((topic) => listen(other.bus, topic)))
    const gaps = other.gaps()
    stall({ onlyOpen: true })
    await waitFor(() => other.gaps() > gaps)
    for (const [at, topic] of topics.entries()) {
      await waitFor(() => {
        one.bus.publish(topic, 'again')
        return all[at]!.received.includes('again')
      })
    }
    resume()
    expect(other.gaps()).toBeGreaterThan(gaps)
  }, 30_000)

  test('P5: piles up neither hints nor commands nor subscriptions', async () => {
    const one = await open(redis.url)
    stall()
    await waitFor(() => one.reports.includes('away') || (one.bus.publish(uniqueName('topic'), 'lost'), false))
    const memory = (): number => {
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const round = async (): Promise<void> => {
      for (let at = 0; at < 5000; at++) one.bus.publish('topic', { body: 'x'.repeat(1000) })
      const users = Array.from({ length: 500 }, () => uniqueName('user'))
      for (const user of users) one.presence.connect(present(user))
      await Promise.all(users.map((user) => one.presence.isOnline(user as UserId)))
      const subscriptions = await Promise.all(users.map((user) => listen(one.bus, user)))
      for (const { unsubscribe } of subscriptions) unsubscribe()
      for (const user of users) one.presence.disconnect(present(user))
    }
    await within(round(), 2 * limit, 'a round')
    const before = memory()
    for (let at = 0; at < 20; at++) await within(round(), 2 * limit, 'a round')
    // What piles up would be 20 rounds of 25 MB. How much is on its way differs between two moments: a few thousand commands.
    expect(memory() - before).toBeLessThan(250_000_000)
    resume()
  }, 60_000)

  test('is an error of the start, in time', async () => {
    stall()
    const opening = openRedis(redis.url, { away: () => {}, back: () => {} })
    await expect(within(opening, 12_000, 'the error')).rejects.toThrow('REDIS_URL: the server does not answer')
    resume()
  }, 20_000)
})

test('P5: a cluster of which one node is silent lets a server start, and hints of the others flow', async () => {
  await using redis = await silencedCluster()
  redis.proxies[2]!.stall()
  const one = await within(open(redis.url), 12_000, 'a start')
  expect(one.reports).toEqual(['away'])
  const topics = Array.from({ length: 24 }, () => uniqueName('topic'))
  const all = await within(Promise.all(topics.map((topic) => listen(one.bus, topic))), limit, 'all subscriptions')
  await waitFor(() => {
    for (const topic of topics) one.bus.publish(topic, 'hint')
    return all.filter(({ received }) => received.length > 0).length >= 2
  })
  expect(all.some(({ received }) => received.length === 0)).toBe(true)
  redis.proxies[2]!.resume()
  await waitFor(() => one.reports.includes('back'), { timeout: 15_000 })
  await waitFor(() => {
    for (const topic of topics) one.bus.publish(topic, 'hint')
    return all.every(({ received }) => received.length > 0)
  })
}, 60_000)

describe('a server whose Redis falls silent', () => {
  test('P3 P5: sends and subscriptions go on through the sweep, and presence is null', async () => {
    await using redis = await silencedServer()
    await using kit = await openKit({ REDIS_URL: redis.url })
    const onlooker = await openOnlooker(kit)
    const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
    const { id: channelId } = await kit.channel([alice, bob, carol])
    const [carolsId, bobsId] = [await userIdOf(carol), await userIdOf(bob)]
    await bob.request(UpdateUserDocument, { input: { userId: bob.identity, isInvisible: true } })
    const client = bob.at(onlooker.other).connect()
    const received = record(client, MessageBodiesDocument, { channelId })
    await alice.send(channelId, 'before')
    await received.atLeast(1)
    redis.proxies[0]!.stall()
    await within(alice.send(channelId, 'meanwhile'), limit, 'a send')
    await received.atLeast(2)
    const late = carol.connect()
    const begun = record(late, MessageBodiesDocument, { channelId })
    await begun.atLeast(2)
    await within(alice.send(channelId, 'later'), limit, 'a send')
    await begun.atLeast(3)
    await received.atLeast(3)
    expect(await within(onlooker.isOnline(carolsId, onlooker.other), limit, 'presence')).toBe(null)
    // An invisible user, who is connected there, does not differ from one of whom nothing is known.
    expect(await within(onlooker.isOnline(bobsId, onlooker.other), limit, 'presence')).toBe(null)
    redis.proxies[0]!.resume()
    await waitFor(async () => (await onlooker.isOnline(carolsId, onlooker.other)) === true, { timeout: 15_000 })
    for (const each of [client, late]) await each.dispose()
  }, 60_000)

  test('P4: two sockets of one device whose hints were lost: the newer ends the older afterwards', async () => {
    await using redis = await silencedServer()
    await using kit = await openKit({ REDIS_URL: redis.url })
    const other = await kit.another()
    const bob = await kit.user('bob')
    redis.proxies[0]!.stall()
    const older = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
    const newer = await RawSocket.open(other, { token: bob.token, deviceId: 'phone' })
    // Both have published their hints by now; none arrived.
    await waitFor(() => [kit.server, other].every(({ app }) => app.userFeeds.size === 1))
    for (const { app } of [kit.server, other]) {
      await app.userFeeds.get(app.userFeeds.counters()[0]!.id)!.listening
    }
    redis.proxies[0]!.resume()
    await waitFor(() => older.closed, { timeout: 15_000 })
    expect([older.closed?.code, newer.closed]).toEqual([4409, undefined])
    newer.terminate()
  }, 60_000)

  const settings = (redisUrl: string, databaseUrl: string) => ({
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SECRET_KEY: 'ab'.repeat(32),
    LOG_LEVEL: 'info',
  })

  test('it says so once, once that Redis is back, and stops in time while it is silent', async () => {
    await using redis = await silencedServer()
    await using kit = await openKit()
    await using server = await spawnServer(settings(redis.url, kit.store.databaseUrl!))
    const { url } = await server.ready()
    const bob = await kit.user('bob')
    const socket = await RawSocket.open({ url }, { token: bob.token, deviceId: 'phone' })
    const lines = (text: string): number => server.output().split(text).length - 1
    const said = () => ({ away: lines('Redis is away'), back: lines('Redis is back'), failed: lines('"level":50') })
    redis.proxies[0]!.stall()
    for (let at = 0; at < 3; at++) await RawSocket.open({ url }, { token: bob.token, deviceId: `tablet ${at}` })
    await waitFor(() => lines('Redis is away') > 0)
    redis.proxies[0]!.resume()
    await waitFor(() => lines('Redis is back') > 0, { timeout: 15_000 })
    expect(said()).toEqual({ away: 1, back: 1, failed: 0 })
    redis.proxies[0]!.stall()
    const began = Date.now()
    server.kill('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(said()).toMatchObject({ back: 1, failed: 0 })
    socket.terminate()
  }, 60_000)

  test('it does not start, and says why, in time', async () => {
    await using redis = await silencedServer()
    await using kit = await openKit()
    redis.proxies[0]!.stall()
    await using server = await spawnServer(settings(redis.url, kit.store.databaseUrl!))
    expect(await server.exited()).toBe(1)
    expect(server.complaints()).toContain('REDIS_URL: the server does not answer')
    redis.proxies[0]!.resume()
  }, 60_000)
})
