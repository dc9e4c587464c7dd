import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../support/kit.ts'
import { openOnlooker, userIdOf, type Onlooker } from '../support/onlooker.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { spawnServer } from '../support/server-binary.ts'

let kit: Kit
let onlooker: Onlooker
beforeAll(async () => {
  kit = await openKit()
  onlooker = await openOnlooker(kit)
})
afterAll(() => kit.close())

const online = [true, true]
const offline = [false, false]

const key = (id: string): string => `presence:${id}`

async function onRedis<Result>(work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(kit.store.redisUrl!)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

test('P5: presence that Redis has lost is there again when the servers next report it', async () => {
  const bob = await kit.user('bob')
  const id = await userIdOf(bob)
  const socket = await RawSocket.open(kit.server, { token: bob.token })
  expect(await onlooker.seenEverywhere(id, true)).toEqual(online)
  await onRedis((redis) => redis.del(key(id)))
  expect(await onlooker.isOnline(id, onlooker.other)).toBe(false)
  // What happens by itself every 10 seconds.
  await kit.server.app.presence.renew()
  expect(await onlooker.isOnline(id, onlooker.other)).toBe(true)
  socket.terminate()
})

test('P5: a process that is killed takes the presence of its users with it within 30 seconds', async () => {
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
  for (const user of [id, carolsId]) expect(await onlooker.seenEverywhere(user, true)).toEqual(online)

  doomed.kill('SIGKILL')
  await doomed.exited()
  const killed = Date.now()
  expect(await onlooker.isOnline(id, onlooker.other)).toBe(true)
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
  expect(await onlooker.seenEverywhere(id, false)).toEqual(offline)
  expect(await onlooker.seenEverywhere(carolsId, true)).toEqual(online)
  elsewhere.terminate()
})
