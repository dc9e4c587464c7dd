import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { services } from '../../src/store/tables/service.ts'
import { engineName } from '../support/engine.ts'
import { openKit, requestOver, User, type Kit } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
let onlooker: User
beforeAll(async () => {
  kit = await openKit()
  await kit.store.db.orm.update(services).set({ reachabilityEnabled: true })
  kit.server.app.caches.services.clear()
  other = await kit.another()
  onlooker = await kit.user('onlooker')
})
afterAll(() => kit.close())

async function userIdOf(user: User): Promise<string> {
  const { viewer } = await user.request<{ viewer: { user: { id: string } } }, unknown>('{ viewer { user { id } } }')
  return viewer.user.id
}

/** Whether someone else sees the user online, asking at a server. */
async function isOnline(id: string, at: Pick<Server, 'url'>): Promise<boolean | null> {
  const { node } = await onlooker
    .at(at)
    .request<{ node: { isOnline: boolean | null } }, unknown>(`{ node(id: "${id}") { ... on User { isOnline } } }`)
  return node.isOnline
}

/** What both servers say, once they say what is expected, or in the end. */
async function seenEverywhere(id: string, expected: boolean): Promise<(boolean | null)[]> {
  const answers = () => Promise.all([kit.server, other].map((server) => isOnline(id, server)))
  await waitFor(async () => (await answers()).every((answer) => answer === expected), { timeout: 5000 }).catch(() => {})
  return answers()
}

const online = [true, true]
const offline = [false, false]

const key = (id: string): string => `presence:${id}`

test('a user is online while it has a connection, seen from every server', async () => {
  const bob = await kit.user('bob')
  const id = await userIdOf(bob)
  expect(await seenEverywhere(id, false)).toEqual(offline)
  const phone = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  expect(await seenEverywhere(id, true)).toEqual(online)
  const tablet = await RawSocket.open(other, { token: bob.token, deviceId: 'tablet' })
  const second = await RawSocket.open(other, { token: bob.token })
  phone.terminate()
  await waitFor(async () => (await kit.server.app.presence.isOnline(id)) === true)
  tablet.terminate()
  expect(await seenEverywhere(id, true)).toEqual(online)
  second.terminate()
  expect(await seenEverywhere(id, false)).toEqual(offline)
})

test('someone who is only let in over HTTP, or refused, is not online', async () => {
  const bob = await kit.user('bob')
  const id = await userIdOf(bob)
  const refused = new User(kit.server, bob.identity, `${bob.token}x`).connect()
  await expect(requestOver(refused, ViewerDocument)).rejects.toMatchObject({ code: 4403 })
  expect(await isOnline(id, kit.server)).toBe(false)
})

const isOnRedis = engineName === 'cluster'

async function onRedis<Result>(work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(kit.store.redisUrl!)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

test.runIf(isOnRedis)('P5: presence that Redis has lost is there again when the servers next tell of it', async () => {
  const bob = await kit.user('bob')
  const id = await userIdOf(bob)
  const socket = await RawSocket.open(kit.server, { token: bob.token })
  expect(await seenEverywhere(id, true)).toEqual(online)
  await onRedis((redis) => redis.del(key(id)))
  expect(await isOnline(id, other)).toBe(false)
  // What happens by itself every 10 seconds.
  await kit.server.app.presence.renew()
  expect(await isOnline(id, other)).toBe(true)
  socket.terminate()
})

test.runIf(isOnRedis)(
  'P5: a process that is killed takes the presence of its users with it within 30 seconds',
  async () => {
    const [bob, carol] = [await kit.user('bob'), await kit.user('carol')]
    const [id, carolsId] = [await userIdOf(bob), await userIdOf(carol)]
    await using doomed = await spawnServer({
      DATABASE_URL: kit.store.databaseUrl!,
      REDIS_URL: kit.store.redisUrl!,
      SECRET_KEY: 'ab'.repeat(32),
    })
    const { url } = await doomed.ready()
    await RawSocket.open({ url }, { token: bob.token })
    await RawSocket.open({ url }, { token: carol.token })
    const elsewhere = await RawSocket.open(kit.server, { token: carol.token })
    for (const user of [id, carolsId]) expect(await seenEverywhere(user, true)).toEqual(online)

    doomed.kill('SIGKILL')
    await doomed.exited()
    const killed = Date.now()
    expect(await isOnline(id, other)).toBe(true)
    await onRedis(async (redis) => {
      // Nobody vouches for it any more, so that what it said last decides; time passes by moving that back.
      for (const user of [id, carolsId]) {
        const entries = await redis.zrange(key(user), 0, -1, 'WITHSCORES')
        const ends = entries.filter((_, at) => at % 2 === 1).map(Number)
        expect(Math.max(...ends)).toBeLessThanOrEqual(killed + 30_000)
        expect(await redis.pttl(key(user))).toBeLessThanOrEqual(30_000)
        for (const [at, end] of ends.entries()) await redis.zadd(key(user), end - 30_000, entries[at * 2]!)
      }
    })
    await kit.server.app.presence.renew()
    expect(await seenEverywhere(id, false)).toEqual(offline)
    expect(await seenEverywhere(carolsId, true)).toEqual(online)
    elsewhere.terminate()
  },
)
