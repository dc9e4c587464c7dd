import { expect, test } from 'vitest'
import { Histogram, quantileOf } from '../../src/instruments/histogram.ts'

const quantiles = (values: readonly number[], ...shares: readonly number[]): (number | null)[] => {
  const histogram = new Histogram([1, 2, 4])
  for (const value of values) histogram.observe(value)
  return shares.map((share) => quantileOf(histogram.bounds, histogram.counts, share))
}

test('of nothing there is no quantile', () => {
  expect(quantiles([], 0.5, 1)).toEqual([null, null])
})

test('within a bound values count as spread evenly', () => {
  expect(quantiles([1.5, 1.5, 1.5, 1.5], 0.25, 0.5, 1)).toEqual([1.25, 1.5, 2])
  expect(quantiles([0.5, 3], 0.5, 0.75, 1)).toEqual([1, 3, 4])
})

test('what is above all bounds counts as the last of them', () => {
  expect(quantiles([0.5, 9], 0.5, 1)).toEqual([1, 4])
})
