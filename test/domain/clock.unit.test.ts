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
