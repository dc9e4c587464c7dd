import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DeliveryLatency } from '../../../src/domain/realtime/delivery-latency.ts'
import { Histogram } from '../../../src/instruments/histogram.ts'

test('the messages of a turn are measured at its end, after what was to be written in it, once for each reader', async () => {
  let now = 100_000
  const seconds = new Histogram([1, 10])
  const latency = new DeliveryLatency({ databaseNow: () => now }, seconds)
  const written = new Promise<void>((resolve) => {
    setImmediate(() => {
      now += 2000
      resolve()
    })
  })
  latency.note(new Date(99_500), 3)
  latency.note(new Date(97_000), 1)
  expect(seconds.count).toBe(0)
  await written
  await nextTurn()
  expect([...seconds.counts]).toEqual([0, 4, 0])
  expect(seconds.sum).toBe(3 * 2.5 + 5)
  // One whose time is ahead, since clocks differ by the time of an answer.
  latency.note(new Date(now + 3), 2)
  await nextTurn()
  await nextTurn()
  expect([...seconds.counts]).toEqual([2, 4, 0])
  expect(seconds.sum).toBe(12.5)
})
