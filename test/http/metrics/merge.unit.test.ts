import { expect, test } from 'vitest'
import { mergeMetrics } from '../../../src/http/metrics/gather.ts'
import { counter, gauge, histogram } from '../../../src/http/metrics/metric.ts'
import { Counts } from '../../../src/instruments/by-words.ts'
import { Histogram } from '../../../src/instruments/histogram.ts'
import { describedIn, samplesOf } from '../../support/metrics.ts'

/** The metrics of a process in which everything is `value`. */
async function processOf(value: number) {
  const counts = new Counts({ kind: ['a', 'b'] }).fill('kind', {})
  counts.add({ kind: 'a' }, value)
  const times = new Histogram([1, 10])
  times.observe(value)
  const metrics = [
    gauge({ name: 'open', help: 'Open.', read: () => value }),
    gauge({ name: 'age', help: 'Age.', merge: 'max', read: () => value }),
    gauge({ name: 'unknown', help: 'Not known.', read: () => undefined }),
    counter({ name: 'done_total', help: 'Done.', by: counts.words, read: () => counts.items }),
    histogram({ name: 'took_seconds', help: 'Took.', read: () => times }),
  ]
  const lag = { name: 'nodejs_eventloop_lag_seconds', help: 'Lag.', type: 'gauge', aggregator: 'sum' } as const
  return [
    ...(await Promise.all(metrics.map((metric) => metric.get()))),
    { ...lag, values: [{ labels: {}, value }] },
    { ...lag, name: 'process_start_time_seconds', values: [{ labels: {}, value }] },
  ]
}

test('metrics of several processes are added, or the largest or smallest counts, as each says', async () => {
  const page = await mergeMetrics([await processOf(2), await processOf(5), await processOf(50)]).metrics()
  expect(samplesOf(page)).toEqual({
    open: 57,
    age: 50,
    'done_total{kind="a"}': 57,
    'done_total{kind="b"}': 0,
    'took_seconds_bucket{le="1"}': 0,
    'took_seconds_bucket{le="10"}': 2,
    'took_seconds_bucket{le="+Inf"}': 3,
    took_seconds_sum: 57,
    took_seconds_count: 3,
    nodejs_eventloop_lag_seconds: 50,
    process_start_time_seconds: 2,
  })
  expect(describedIn(page)).toContainEqual({ name: 'unknown', type: 'gauge', help: 'Not known.' })
})

test('a histogram counts a value below the first bound that it does not exceed, as often as it is told', () => {
  const times = new Histogram([1, 2])
  for (const value of [0, 1, 1.5]) times.observe(value)
  times.observe(3, 4)
  expect([...times.counts]).toEqual([2, 1, 4])
  expect([times.sum, times.count]).toEqual([14.5, 7])
})
