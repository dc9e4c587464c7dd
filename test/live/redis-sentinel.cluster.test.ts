import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Presence } from '../../src/domain/realtime/presence.ts'
import { PrimaryFinder } from '../../src/live/primary-finder.ts'
import { createRedisBus } from '../../src/live/redis-bus.ts'
import { createRedisExpiringSet } from '../../src/live/redis-expiring-set.ts'
import { openRedis } from '../../src/live/redis.ts'
import { parseRedisUrl, type SentinelAddress } from '../../src/model/redis-url.ts'
import { newSid, type UserId } from '../../src/model/sid.ts'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { uniqueName } from '../support/kit.ts'
import { primaryName, startRedisSentinels, type RedisSentinels } from '../support/redis-sentinel.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { makeScratch } from '../support/scratch.ts'
import { waitFor, within } from '../support/wait.ts'
import { listen } from './bus.contract.ts'

const silent = { away: () => {}, back: () => {} }

type OnFinished = (close: () => void) => void

async function open(url: string, onFinished: OnFinished = onTestFinished) {
  const reports: string[] = []
  const connections = await openRedis(url, { away: () => reports.push('away'), back: () => reports.push('back') })
  onFinished(() => connections.close())
  const bus = createRedisBus(connections)
  const presence = new Presence(createRedisExpiringSet(connections))
  let gaps = 0
  bus.onGap(() => gaps++)
  return { bus, presence, reports, gaps: () => gaps }
}

async function command({ url }: { readonly url: string }, ...[name, ...args]: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(url)
  try {
    return await redis.call(name, ...args)
  } finally {
    redis.disconnect()
  }
}

const present = (identity: string) => ({ userId: identity as UserId, serviceId: newSid('IS'), identity })

/** What strikes the primary, and what brings it back. */
interface Strike {
  strike(primary: RedisServer, sentinels: RedisSentinels): Promise<unknown>
  recover(primary: RedisServer): Promise<unknown>
}

const strikes: Readonly<Record<string, Strike>> = {
  'is killed': { strike: (primary) => primary.crash(), recover: (primary) => primary.start() },
  'stands still, and goes on as if nothing had happened': {
    strike: async ({ pid }) => process.kill(pid, 'SIGSTOP'),
    recover: async ({ pid }) => process.kill(pid, 'SIGCONT'),
  },
  'is demoted by hand': {
    strike: (_, { sentinels }) => command(sentinels[1]!, 'SENTINEL', 'FAILOVER', primaryName),
    recover: async () => {},
  },
}

describe.concurrent('a Redis whose primary is named by sentinels', () => {
  test.for(Object.keys(strikes))(
    'P5: hints and presence go on over another one when the primary %s',
    { timeout: 60_000 },
    async (name, { expect, onTestFinished }) => {
      const { strike, recover } = strikes[name]!
      const sentinels = await startRedisSentinels()
      onTestFinished(() => sentinels[Symbol.asyncDispose]())
      const { primary, replica } = await sentinels.settled()
      const one = await open(sentinels.url, onTestFinished)
      const other = await open(sentinels.url, onTestFinished)
      const topic = uniqueName('topic')
      const { received } = await listen(other.bus, topic)
      const user = uniqueName('user')
      other.presence.connect(present(user))
      await waitFor(async () => one.presence.isOnline(user as UserId))
      const gaps = other.gaps()
      const began = Date.now()
      await strike(primary, sentinels)
      await waitFor(() => other.gaps() > gaps, { timeout: 20_000 })
      await waitFor(
        () => {
          one.bus.publish(topic, 'again')
          return received.includes('again')
        },
        { timeout: 20_000 },
      )
      await waitFor(async () => (await one.presence.isOnline(user as UserId)) === true)
      // Of these the sentinels take some three.
      expect(Date.now() - began).toBeLessThan(10_000)
      await waitFor(() => [one, other].every(({ reports }) => reports.at(-1) === 'back'))
      await recover(primary)
      expect(await command(replica, 'PUBSUB', 'CHANNELS', topic)).toEqual([topic])
      await waitFor(async () => ((await command(primary, 'PUBSUB', 'CHANNELS', topic)) as string[]).length === 0)
      one.bus.publish(topic, 'last')
      await waitFor(() => received.includes('last'))
      expect(received.filter((each) => each === 'last')).toEqual(['last'])
    },
  )

  test('P5: a primary that became a replica unknown to the sentinels counts as away', async ({
    expect,
    onTestFinished,
  }) => {
    const sentinels = await startRedisSentinels()
    onTestFinished(() => sentinels[Symbol.asyncDispose]())
    const { primary, replica } = await sentinels.settled()
    const one = await open(sentinels.url, onTestFinished)
    const other = await open(sentinels.url, onTestFinished)
    const topic = uniqueName('topic')
    const { received } = await listen(other.bus, topic)
    await command(primary, 'REPLICAOF', '127.0.0.1', String(replica.port))
    await waitFor(() => one.reports.includes('away') && other.reports.includes('away'))
    expect(await one.presence.isOnline(uniqueName('user') as UserId)).toBe(undefined)
    expect(one.reports).toEqual(['away'])
    await command(primary, 'REPLICAOF', 'NO', 'ONE')
    await waitFor(() => {
      one.bus.publish(topic, 'again')
      return received.includes('again')
    })
    await waitFor(() => one.reports.includes('back'))
  }, 60_000)

  test('P5: passwords of servers and sentinels are sent to each; one sentinel is enough to start', async ({
    expect,
    onTestFinished,
  }) => {
    const passwords = { password: 'of-the-servers', sentinelPassword: 'of-the-sentinels' }
    const sentinels = await startRedisSentinels(passwords)
    onTestFinished(() => sentinels[Symbol.asyncDispose]())
    const [dead, frozen] = sentinels.sentinels
    await dead![Symbol.asyncDispose]()
    process.kill(frozen!.pid, 'SIGSTOP')
    const one = await within(open(sentinels.url, onTestFinished), 8000, 'the start')
    const { received } = await listen(one.bus, 'topic')
    one.bus.publish('topic', 'hint')
    await waitFor(() => received.length > 0)
    const refused = (from: string, to: string) => openRedis(sentinels.url.replace(from, to), silent)
    await expect(refused('of-the-sentinels', 'wrong')).rejects.toThrow(/REDIS_URL: the sentinels refuse \(WRONGPASS/)
    await expect(refused('of-the-servers', 'wrong')).rejects.toThrow(/REDIS_URL: the server refuses the user/)
    await expect(refused(`/${primaryName}`, '/other')).rejects.toThrow(
      'REDIS_URL: the sentinels know no primary named other',
    )
    const { port } = sentinels.sentinels[2]!
    await expect(openRedis(`redis://:of-the-sentinels@127.0.0.1:${port}`, silent)).rejects.toThrow(
      'REDIS_URL: a sentinel answers there; expected redis+sentinel://',
    )
  }, 60_000)
})

test('P5: over TLS sentinels and servers must show certificates of an authority that is trusted, also after a failover', async () => {
  const folder = await makeScratch()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const certificates = makeCertificates(folder.path)
  const sentinels = await startRedisSentinels({ certificates })
  onTestFinished(() => sentinels[Symbol.asyncDispose]())
  await expect(openRedis(sentinels.url, silent)).rejects.toThrow(/REDIS_URL: no sentinel answers \(.*certificate/)
  await expect(openRedis(sentinels.url.replace('rediss', 'redis'), silent)).rejects.toThrow(
    'REDIS_URL: no sentinel answers',
  )
  // As NODE_EXTRA_CA_CERTS does for a process.
  const trusted = getCACertificates('default')
  onTestFinished(() => setDefaultCACertificates(trusted))
  setDefaultCACertificates([...trusted, certificates.authority])
  const { primary } = await sentinels.settled()
  const [one, other] = [await open(sentinels.url), await open(sentinels.url)]
  const { received } = await listen(other.bus, 'topic')
  one.bus.publish('topic', 'hint')
  await waitFor(() => received.length > 0)
  await primary.crash()
  await waitFor(
    () => {
      one.bus.publish('topic', 'after the failover')
      return received.includes('after the failover')
    },
    { timeout: 20_000, interval: 100 },
  )
}, 60_000)

test('without any sentinel a start fails with a sentence, in time', async () => {
  const hosts = `127.0.0.1:${await freePort()},127.0.0.1:${await freePort()}`
  const opening = openRedis(`redis+sentinel://${hosts}/fone`, silent)
  await expect(within(opening, 4000, 'the error')).rejects.toThrow(
    'REDIS_URL: no sentinel answers (connect ECONNREFUSED',
  )
})

/** Answers as a sentinel that knows of so many failovers. */
async function openScripted(primaryPort: () => number, epoch: () => number) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
      const array = (...texts: string[]) => `*${texts.length}\r\n${texts.map(bulk).join('')}`
      for (const [name] of data.toString().matchAll(/\b(?:INFO|PING|MASTER|GET-MASTER-ADDR-BY-NAME)\b/gi)) {
        if (/info|ping/i.test(name)) socket.write(bulk('role:sentinel'))
        else if (/^master$/i.test(name)) socket.write(array('name', 'fone', 'config-epoch', String(epoch())))
        else socket.write(array('127.0.0.1', String(primaryPort())))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('P5: of sentinels that disagree the one that knows the latest failover is believed', async () => {
  let [port, epoch] = [2, 8]
  const stale = await openScripted(
    () => 1,
    () => 7,
  )
  const knowing = await openScripted(
    () => port,
    () => epoch,
  )
  const address = parseRedisUrl(`redis+sentinel://127.0.0.1:${stale},127.0.0.1:${knowing}/fone`) as SentinelAddress
  const moves: number[] = []
  const finder = await PrimaryFinder.open(address, (primary) => moves.push(primary.port))
  onTestFinished(() => finder.close())
  await waitFor(() => finder.primary.port === 2)
  ;[port, epoch] = [3, 9]
  await waitFor(() => finder.primary.port === 3)
  expect(moves.slice(-1)).toEqual([3])
  // Behind the other one again, as after its data was lost: then the stale one knows more.
  epoch = 6
  await waitFor(() => finder.primary.port === 1)
})
