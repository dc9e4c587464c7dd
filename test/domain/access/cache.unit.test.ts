import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ReadCache } from '../../../src/domain/access/cache.ts'

beforeEach(() => {
  const { performance } = globalThis
  vi.useFakeTimers()
  // The cache's library holds on to the clock that it was loaded with.
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now())
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('what nobody asks for again is forgotten soon after its time, and then nothing is left to do', async () => {
  const cache = new ReadCache<string>({ max: 10, ttl: 1000 })
  await cache.read('first', async () => 'one')
  vi.advanceTimersByTime(900)
  await cache.read('second', async () => 'two')
  vi.advanceTimersByTime(99)
  expect([...cache.keys()].sort()).toEqual(['first', 'second'])
  vi.advanceTimersByTime(1001)
  expect(cache.size).toBe(0)
  vi.advanceTimersByTime(1000)
  expect(vi.getTimerCount()).toBe(0)
  await cache.read('first', async () => 'again')
  expect(cache.get('first')).toBe('again')
  vi.advanceTimersByTime(2001)
  expect(cache.size).toBe(0)
})
