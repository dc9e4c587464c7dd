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

test('what is not read again is forgotten soon after its time, and then no timer is left', async () => {
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

/** A read that is answered by the spec. */
function gated() {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  return { read: () => promise, answer: resolve, fail: reject }
}

test('callers that come during a read share its answer', async () => {
  const cache = new ReadCache<string>({ max: 10, ttl: 1000 })
  const { read, answer } = gated()
  const both = [cache.read('key', read), cache.read('key', async () => 'another')]
  answer('one')
  expect(await Promise.all(both)).toEqual(['one', 'one'])
})

test.each([
  ['its key is deleted', (cache: ReadCache<string>) => void cache.delete('key')],
  ['all reads are forgotten', (cache: ReadCache<string>) => cache.forgetReads()],
  ['the cache is cleared', (cache: ReadCache<string>) => cache.clear()],
])('a read during which %s is answered and not kept', async (_name, invalidate) => {
  const cache = new ReadCache<string>({ max: 10, ttl: 1000 })
  for (const value of ['old', undefined]) {
    const { read, answer } = gated()
    const reading = cache.read('key', read)
    invalidate(cache)
    const later = cache.read('key', async () => 'new')
    answer(value)
    expect(await reading).toBe(value)
    expect(await later).toBe('new')
    expect(cache.get('key')).toBe('new')
    cache.clear()
  }
})

test('misses and failed reads are not kept', async () => {
  const cache = new ReadCache<string>({ max: 10, ttl: 1000 })
  expect(await cache.read('key', async () => undefined)).toBe(undefined)
  const { read, fail } = gated()
  const reading = cache.read('key', read)
  cache.delete('key')
  fail(new Error('the database is away'))
  await expect(reading).rejects.toThrow('the database is away')
  expect(await cache.read('key', async () => 'found')).toBe('found')
})

test('the age of an entry counts from the question', async () => {
  const cache = new ReadCache<string>({ max: 10, ttl: 1000 })
  const { read, answer } = gated()
  const reading = cache.read('key', read)
  vi.advanceTimersByTime(900)
  answer('one')
  await reading
  vi.advanceTimersByTime(99)
  expect(cache.get('key')).toBe('one')
  vi.advanceTimersByTime(2)
  expect(cache.get('key')).toBe(undefined)
})
