import { beforeAll, afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createMemoryRateCounter } from '../../src/live/memory-rate-counter.ts'
import type { RateCounter } from '../../src/live/rate-counter.ts'
import { createRedisRateCounter } from '../../src/live/redis-rate-counter.ts'
import { openRedis } from '../../src/live/redis.ts'
import { startRedisServer, type RedisServer } from '../support/redis-server.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { waitFor } from '../support/wait.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedisServer()
})
afterAll(() => redis[Symbol.asyncDispose]())

/** An answer that a busy machine delays would be given by memory, and count what Redis has not. */
const patientMilliseconds = 10_000

async function openCounter(timeoutMs?: number, url = redis.url): Promise<RateCounter> {
  const connections = await openRedis(url, { away: () => {}, back: () => {} })
  onTestFinished(() => connections.close())
  return createRedisRateCounter(connections, timeoutMs)
}

const rate = { limit: 3, seconds: 2 }
const isOver = async (counter: RateCounter, key: string) => (await counter.count(key, rate)).consumedPoints > rate.limit

describe.each([
  ['memory', async () => createMemoryRateCounter()],
  ['Redis', () => openCounter(patientMilliseconds)],
])('in %s', (_, open) => {
  test('a key has its limit in each window, and other keys and rates have their own', async () => {
    const counter = await open()
    expect(await counter.read('a', rate)).toEqual({ consumedPoints: 0, msBeforeNext: 0 })
    const counts = await Promise.all([1, 2, 3, 4].map(() => isOver(counter, 'a')))
    expect(counts).toEqual([false, false, false, true])
    const { consumedPoints, msBeforeNext } = await counter.read('a', rate)
    expect(consumedPoints).toBeGreaterThanOrEqual(3)
    expect(msBeforeNext).toBeGreaterThan(0)
    expect(msBeforeNext).toBeLessThanOrEqual(2000)
    expect(await isOver(counter, 'b')).toBe(false)
    expect((await counter.count('a', { limit: 3, seconds: 60 })).consumedPoints).toBe(1)
    await waitFor(async () => (await counter.read('a', rate)).consumedPoints === 0)
    expect(await isOver(counter, 'a')).toBe(false)
  })
})

test('P16: processes count together over Redis', async () => {
  const [one, other] = [await openCounter(patientMilliseconds), await openCounter(patientMilliseconds)]
  for (const counter of [one, other, one]) expect(await isOver(counter, 'shared')).toBe(false)
  expect([await isOver(one, 'shared'), await isOver(other, 'shared')]).toEqual([true, true])
})

test('P16: while Redis hangs or is gone each process counts by itself, within 100 milliseconds and a little, and together again afterwards', async () => {
  const proxy = await openTcpProxy({ host: '127.0.0.1', port: redis.port })
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const counter = await openCounter(undefined, `redis://127.0.0.1:${proxy.port}`)
  const direct = await openCounter(patientMilliseconds)
  for (let time = 0; time < 4; time++) await direct.count('away', { limit: 3, seconds: 60 })
  // What memory has read is nothing.
  await waitFor(async () => (await counter.read('away', { limit: 3, seconds: 60 })).consumedPoints === 4)
  proxy.stall()
  const begun = performance.now()
  expect(await isOver(counter, 'alone')).toBe(false)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(99)
  expect(performance.now() - begun).toBeLessThan(1000)
  expect([await isOver(counter, 'alone'), await isOver(counter, 'alone'), await isOver(counter, 'alone')]).toEqual([
    false,
    false,
    true,
  ])
  await redis.crash()
  for (let time = 0; time < 3; time++) expect(await isOver(counter, 'gone')).toBe(false)
  expect(await isOver(counter, 'gone')).toBe(true)
  await redis.start()
  proxy.resume()
  await waitFor(
    async () => {
      await direct.count('again', { limit: 1000, seconds: 60 })
      const { consumedPoints } = await counter.read('again', { limit: 1000, seconds: 60 })
      return (
        consumedPoints > 0 &&
        consumedPoints === (await direct.read('again', { limit: 1000, seconds: 60 })).consumedPoints
      )
    },
    { timeout: 20_000 },
  )
}, 40_000)
