import { expect, onTestFinished, test, vi } from 'vitest'
import { BatchedRead } from '../../src/domain/batched-read.ts'
import { Turns } from '../../src/domain/turns.ts'
import { DatabaseFault } from '../../src/store/engine/fault.ts'

test('turns come in the order of the calls, so many at a time, also past one that fails', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  let running = 0
  let most = 0
  const results = await Promise.allSettled(
    Array.from({ length: 2500 }, (_, number) =>
      turns.run(async () => {
        begun.push(number)
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
        if (number === 7) throw new Error('seven')
        return number
      }),
    ),
  )
  expect(most).toBe(2)
  expect(begun).toEqual(Array.from({ length: 2500 }, (_, number) => number))
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1)
  expect(await turns.run(async () => 'again')).toBe('again')
})

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('where the database does not answer, those that wait fail with the first reads, and while it answers some a long line goes on', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const turns = new Turns(2)
  const hung: PromiseWithResolvers<string>[] = []
  const come = (): Promise<string> =>
    turns.run(() => {
      const read = Promise.withResolvers<string>()
      hung.push(read)
      return read.promise
    })
  const fault = new DatabaseFault('DEADLINE', 'unknown', 'no answer in time')
  const early = Promise.allSettled(Array.from({ length: 500 }, come))
  vi.advanceTimersByTime(5000)
  hung[0]!.resolve('slow')
  await settle()
  expect(hung).toHaveLength(3)
  hung[1]!.reject(fault)
  await settle()
  expect(hung).toHaveLength(4)
  vi.advanceTimersByTime(3000)
  const late = Promise.allSettled(Array.from({ length: 3 }, come))
  vi.advanceTimersByTime(1900)
  hung[2]!.reject(fault)
  // The turn passes to one that has come only now.
  await settle()
  expect(hung).toHaveLength(5)
  hung[3]!.reject(fault)
  expect((await early).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await settle()
  expect(hung).toHaveLength(6)
  for (const read of hung) read.resolve('back')
  await settle()
  expect(hung).toHaveLength(7)
  hung[6]!.resolve('back')
  expect((await late).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
})

test('keys that are asked for while all turns are taken leave together, and each gets its own row or error', async () => {
  const statements: (readonly string[])[] = []
  const reads = new BatchedRead<string, string>(new Turns(2), async (keys) => {
    statements.push(keys)
    await Promise.resolve()
    if (keys.includes('bad')) throw new Error('bad')
    return keys.map((key) => (key === 'none' ? undefined : `row ${key}`))
  })
  const asked = ['a', 'b', 'c', 'none', 'bad', 'c'].map((key) => reads.read(key))
  const answers = await Promise.all(asked.map((answer) => answer.catch((error: Error) => error.message)))
  expect(statements).toEqual([['a'], ['b'], ['c', 'none', 'bad', 'c'], ['c'], ['none'], ['bad'], ['c']])
  expect(answers).toEqual(['row a', 'row b', 'row c', undefined, 'bad', 'row c'])
  expect(await reads.read('e')).toBe('row e')
})

test('more keys than a statement takes leave in several, and where the database does not answer each fails once', async () => {
  const sizes: number[] = []
  const fault = new DatabaseFault('DEADLINE', 'unknown', 'no answer in time')
  let isAway = false
  const reads = new BatchedRead<number, number>(new Turns(1), async (keys) => {
    sizes.push(keys.length)
    await Promise.resolve()
    if (isAway) throw fault
    return keys
  })
  const all = Array.from({ length: 1201 }, (_, key) => key)
  expect(await Promise.all(all.map((key) => reads.read(key)))).toEqual(all)
  expect(sizes).toEqual([1, 500, 500, 200])
  isAway = true
  const outcomes = await Promise.allSettled(all.map((key) => reads.read(key)))
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(sizes).toEqual([1, 500, 500, 200, 1, 500, 500, 200])
})

test('a key beyond 100,000 that wait is refused, and the others are read', async () => {
  const turn = Promise.withResolvers<void>()
  const reads = new BatchedRead<number, number>(new Turns(1), async (keys) => {
    await turn.promise
    return keys
  })
  const all = Array.from({ length: 100_001 }, (_, key) => reads.read(key))
  await expect(reads.read(-1)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  turn.resolve()
  expect((await Promise.all(all)).length).toBe(100_001)
  expect(await reads.read(-1)).toBe(-1)
})
