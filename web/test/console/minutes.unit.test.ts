import { expect, test } from 'vitest'
import { overviewTexts } from '../../src/console/texts/en/overview.ts'
import { chartsOf, type ProcessWithHistory } from '../../src/console/views/overview/minutes.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()

/** One with 100 MB, 10 connections and 2 sends a second, of whose minutes so many seconds were counted. */
function process(pid: number, minutes: Readonly<Record<number, number>>, hasStopped = false): ProcessWithHistory {
  const history = Object.entries(minutes).map(([minute, seconds]) => ({
    minute: at(Number(minute)),
    seconds,
    connections: 10,
    subscriptions: 0,
    sends: 2 * seconds,
    deliveries: 0,
    deliveryP99Ms: pid,
    eventLoopLagP99Ms: 0,
    poolSize: 10,
    poolInUse: 0,
    poolLongestWaitMs: 0,
    memoryBytes: 100e6,
    refusals: [{ count: 1 }],
    webhooksWaiting: 0,
    scheduledOverdue: 0,
  }))
  return { id: String(pid), host: 'host', pid, worker: null, state: hasStopped ? 'STOPPED' : 'RUNNING', history }
}

test('in the minute of a restart the process that stopped is not added to its successor', () => {
  const processes = [process(1, { 1: 60, 2: 20 }, true), process(2, { 2: 40, 3: 60, 4: 15 })]
  const charts = chartsOf(processes, 0)!
  const { charts: texts } = overviewTexts
  const wholeOf = (title: string) => charts.find((chart) => chart.title === title)!.whole.values.slice(-4)
  expect(wholeOf(texts.memory)).toEqual([100, 100, 100, 100])
  expect(wholeOf(texts.connections)).toEqual([10, 10, 10, 10])
  expect(wholeOf(texts.sends)).toEqual([2, 2, 2, 2])
  expect(wholeOf(texts.latency)).toEqual([1, 2, 2, 2])
  expect(wholeOf(texts.refusals)).toEqual([1, 2, 1, 1])
})

test('those that run beside each other are added', () => {
  const charts = chartsOf([process(1, { 1: 60, 2: 30 }), process(2, { 1: 60, 2: 30 })], 0)!
  const { charts: texts } = overviewTexts
  const wholeOf = (title: string) => charts.find((chart) => chart.title === title)!.whole.values.slice(-2)
  expect([wholeOf(texts.memory), wholeOf(texts.sends)]).toEqual([
    [200, 200],
    [4, 4],
  ])
})
