import type { ProcessHistoryQuery } from '../../generated/types.ts'
import type { ChartProps } from '../../kit/chart/chart.tsx'
import type { Line } from '../../kit/chart/line.ts'
import { overviewTexts } from '../../texts/en/overview.ts'
import { formatCount, formatMs, rateOf } from './figures.ts'

const { charts: texts, processes: names } = overviewTexts

export type ProcessWithHistory = NonNullable<ProcessHistoryQuery['processes']>[number]
type Minute = ProcessWithHistory['history'][number]

const minuteMs = 60_000
const shownMinutes = 60

/** What a chart shows of each minute of a process, and how those of several become one. */
interface Metric {
  readonly title: string
  readonly unit: string
  /**
   * In the minute of a restart there are the one that stopped and its successor. `level`: what there is at the end of a minute, without those that have
   * stopped; `rate`: each has been there for a part of the minute.
   */
  readonly whole: 'sum' | 'level' | 'rate' | 'highest'
  readonly value: (minute: Minute) => number | null
  readonly format: (value: number) => string
  /** What the value is never above. */
  readonly limit?: (minute: Minute) => number
  /** The same for all processes, since it is of the database. */
  readonly isShared?: true
}

interface Present {
  readonly process: ProcessWithHistory
  readonly minute: Minute
}

interface Row {
  readonly process: ProcessWithHistory
  readonly minutes: readonly (Minute | undefined)[]
}

const metrics: readonly Metric[] = [
  {
    title: texts.connections,
    unit: texts.open,
    whole: 'level',
    value: ({ connections }) => connections,
    format: formatCount,
  },
  {
    title: texts.subscriptions,
    unit: texts.open,
    whole: 'level',
    value: ({ subscriptions }) => subscriptions,
    format: formatCount,
  },
  {
    title: texts.sends,
    unit: texts.perSecond,
    whole: 'rate',
    value: ({ sends, seconds }) => rateOf(sends, seconds),
    format: formatCount,
  },
  {
    title: texts.deliveries,
    unit: texts.perSecond,
    whole: 'rate',
    value: ({ deliveries, seconds }) => rateOf(deliveries, seconds),
    format: formatCount,
  },
  {
    title: texts.latency,
    unit: texts.p99,
    whole: 'highest',
    value: ({ deliveryP99Ms }) => deliveryP99Ms,
    format: formatMs,
  },
  {
    title: texts.lag,
    unit: texts.p99,
    whole: 'highest',
    value: ({ eventLoopLagP99Ms }) => eventLoopLagP99Ms,
    format: formatMs,
  },
  {
    title: texts.pool,
    unit: texts.inUse,
    whole: 'level',
    value: ({ poolInUse }) => poolInUse,
    format: formatCount,
    limit: ({ poolSize }) => poolSize,
  },
  {
    title: texts.wait,
    unit: texts.longest,
    whole: 'highest',
    value: ({ poolLongestWaitMs }) => poolLongestWaitMs,
    format: formatMs,
  },
  {
    title: texts.memory,
    unit: texts.megabytes,
    whole: 'level',
    value: ({ memoryBytes }) => memoryBytes / 1e6,
    format: formatCount,
  },
  {
    title: texts.refusals,
    unit: texts.perMinute,
    whole: 'sum',
    value: ({ refusals }) => refusals.reduce((sum, { count }) => sum + count, 0),
    format: formatCount,
  },
  {
    title: texts.webhooks,
    unit: texts.waiting,
    whole: 'highest',
    value: ({ webhooksWaiting }) => webhooksWaiting,
    format: formatCount,
    isShared: true,
  },
  {
    title: texts.overdue,
    unit: texts.late,
    whole: 'highest',
    value: ({ scheduledOverdue }) => scheduledOverdue,
    format: formatCount,
    isShared: true,
  },
]

/**
 * The charts of an hour that ends with the newest minute, or with the present one where nothing could be read since. Minutes that nobody has written are
 * gaps. Undefined before the first minute is over.
 */
export function chartsOf(
  processes: readonly ProcessWithHistory[],
  sinceRead: number,
): readonly Omit<ChartProps, 'at' | 'onAt'>[] | undefined {
  const known = new Set(processes.flatMap(({ history }) => history.map(({ minute }) => Date.parse(minute))))
  // One is no line yet.
  if (known.size < 2) return undefined
  const newest = Math.max(...known)
  const end = newest + Math.floor(Math.max(0, sinceRead) / minuteMs) * minuteMs
  const times = Array.from({ length: shownMinutes }, (_, at) => (end - (shownMinutes - 1 - at) * minuteMs) / 1000)
  const rows = processes.map((process) => ({ process, minutes: alignedTo(times, process.history) }))
  return metrics.map(({ title, unit, whole, value, format, limit, isShared }) => {
    const lines = rows.map(({ process, minutes }): Line => ({
      name: nameOf(process),
      values: minutes.map((minute) => (minute ? value(minute) : null)),
    }))
    const most = limit && rows.reduce((sum, { minutes }) => sum + (limitOf(minutes, limit) ?? 0), 0)
    return {
      title,
      unit,
      times,
      format,
      whole: { name: title, values: times.map((_, at) => combined(rows, whole, value, at)) },
      parts: isShared ? [] : lines,
      limit: most,
    }
  })
}

export function nameOf({ host, worker }: Pick<ProcessWithHistory, 'host' | 'worker'>): string {
  return names.name(host, worker)
}

function alignedTo(times: readonly number[], history: readonly Minute[]): readonly (Minute | undefined)[] {
  const byTime = new Map(history.map((minute) => [Date.parse(minute.minute) / 1000, minute]))
  return times.map((time) => byTime.get(time))
}

/** Of processes that are there. */
function limitOf(minutes: readonly (Minute | undefined)[], limit: (minute: Minute) => number): number | undefined {
  const last = minutes.slice(-2).findLast((minute) => minute !== undefined)
  return last && limit(last)
}

function combined(rows: readonly Row[], whole: Metric['whole'], value: Metric['value'], at: number): number | null {
  const present = rows.flatMap(({ process, minutes }) => {
    const minute = minutes[at]
    const known = minute && value(minute)
    return minute && known != null ? [{ value: known, minute, process }] : []
  })
  if (present.length === 0) return null
  if (whole === 'highest') return Math.max(...present.map((one) => one.value))
  const isUnderWay = at === shownMinutes - 1
  const seconds = isUnderWay ? Math.max(...present.map(({ minute }) => minute.seconds)) : minuteMs / 1000
  const weights = {
    sum: () => 1,
    level: ({ process, minute }: Present) => (hasStoppedIn(process, minute) ? 0 : 1),
    rate: ({ minute }: Present) => Math.min(1, minute.seconds / seconds),
  }
  return present.reduce((sum, one) => sum + one.value * weights[whole](one), 0)
}

/** Its last figures are those of the minute in which it stopped. */
const hasStoppedIn = ({ state, history }: ProcessWithHistory, minute: Minute): boolean =>
  state === 'STOPPED' && minute === history.at(-1)
