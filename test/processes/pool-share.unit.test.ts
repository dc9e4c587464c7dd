import { expect, test } from 'vitest'
import { poolShare } from '../../src/processes/pool-share.ts'

test('the pool is divided among the workers, and none has fewer than three', () => {
  expect([poolShare(10, 1), poolShare(10, 2), poolShare(10, 4), poolShare(10, 64)]).toEqual([10, 5, 3, 3])
  expect([poolShare(1, 2), poolShare(100, 8)]).toEqual([3, 12])
})
