import { afterEach, expect, test, vi } from 'vitest'
import { Clock } from '../../src/domain/clock.ts'

afterEach(() => vi.restoreAllMocks())

const hour = 3_600_000

test('the clock is the process’s own, until the database says otherwise by more than an answer takes', () => {
  const clock = new Clock()
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50)
  clock.learn(Date.now() + 500)
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50)
  clock.learn(Date.now() - hour)
  expect(Math.abs(clock.now() - (Date.now() - hour))).toBeLessThan(50)
})

test('the clock does not follow a clock that is set', () => {
  const clock = new Clock()
  const before = Date.now()
  vi.spyOn(Date, 'now').mockReturnValue(before + hour)
  expect(clock.now() - before).toBeLessThan(50)
})

test('what is measured goes by the answer that was the shortest on its way, and by a clock that was set', () => {
  const clock = new Clock()
  const now = vi.spyOn(performance, 'now').mockReturnValue(1000)
  for (const late of [30, 2, 80]) clock.learn(500_000 - late)
  expect(clock.databaseNow()).toBe(499_998)
  now.mockReturnValue(2000)
  expect(clock.databaseNow()).toBe(500_998)
  clock.learn(900_000)
  expect(clock.databaseNow()).toBe(900_000)
  for (let at = 0; at < 20; at++) clock.learn(899_950)
  expect(clock.databaseNow()).toBe(899_950)
})
