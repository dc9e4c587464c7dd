import { expect, onTestFinished, test } from 'vitest'
import { createRedisBus } from '../../src/live/redis-bus.ts'
import { openRedis } from '../../src/live/redis.ts'
import { openTestStore } from '../support/engine.ts'

test('a subscription that is given up when the connection is closed fails nobody', async () => {
  await using store = await openTestStore()
  // The embedded engine has no Redis.
  if (store.redisUrl === undefined) return
  const refused: unknown[] = []
  const onRefused = (reason: unknown): void => void refused.push(reason)
  process.on('unhandledRejection', onRefused)
  onTestFinished(() => void process.off('unhandledRejection', onRefused))
  const redis = await openRedis(store.redisUrl, () => {})
  const bus = createRedisBus(redis, () => {})
  const unsubscribe = await bus.subscribe('topic', () => {})
  const ended = new Promise((resolve) => redis.subscriber.once('end', resolve))
  await redis.close()
  await ended
  unsubscribe()
  // Refusals that nobody catches are told of in the turn after.
  await new Promise((resolve) => setImmediate(resolve))
  expect(refused).toEqual([])
})
