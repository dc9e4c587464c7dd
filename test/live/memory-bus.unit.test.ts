import { expect, test } from 'vitest'
import { createMemoryBus } from '../../src/live/memory-bus.ts'
import { busContract } from './bus.contract.ts'

busContract('in memory', async () => {
  const bus = createMemoryBus()
  return { one: bus, other: bus, [Symbol.asyncDispose]: async () => {} }
})

test('the bus in memory never has a gap', () => {
  const stop = createMemoryBus().onGap(() => expect.fail('there was a gap'))
  expect(stop()).toBeUndefined()
})
