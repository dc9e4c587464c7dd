import { expect, test } from 'vitest'
import { BatchedRead } from '../../src/domain/batched-read.ts'
import { Turns } from '../../src/domain/turns.ts'

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

test('keys that are asked for while two statements are under way leave together, and each gets its own row or error', async () => {
  const statements: (readonly string[])[] = []
  const reads = new BatchedRead<string, string>(async (keys) => {
    statements.push(keys)
    await Promise.resolve()
    if (keys.includes('bad')) throw new Error('bad')
    return new Map(keys.filter((key) => key !== 'none').map((key) => [key, `row ${key}`]))
  })
  const asked = ['a', 'bad', 'c', 'none', 'c', 'd'].map((key) => reads.read(key))
  const answers = await Promise.all(asked.map((answer) => answer.catch((error: Error) => error.message)))
  expect(statements).toEqual([['a'], ['bad'], ['c', 'none', 'c', 'd']])
  expect(answers).toEqual(['row a', 'bad', 'row c', undefined, 'row c', 'row d'])
  expect(await reads.read('e')).toBe('row e')
})
