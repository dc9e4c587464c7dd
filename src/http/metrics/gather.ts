import { AggregatorRegistry, type Registry } from 'prom-client'
import { gauge, type Aggregator, type Metric, type ProcessMetric } from './metric.ts'

/** The metrics of the other processes of this machine that are one server with this one. */
export interface OtherMetrics {
  /** Never rejects. `silent` counts those that did not answer in time. */
  collect(): Promise<{ readonly metrics: readonly (readonly ProcessMetric[])[]; readonly silent: number }>
  /** Answers others with what this process does. */
  onAsked(read: () => Promise<readonly ProcessMetric[]>): void
}

/** How the process's own metrics become one, which have no word for it; others are added. */
const merges: readonly (readonly [RegExp, Aggregator])[] = [
  [/^nodejs_eventloop_lag_min_/, 'min'],
  // A sum of lags says nothing: the worst process counts.
  [/^nodejs_eventloop_lag_/, 'max'],
  [/^process_start_time_/, 'min'],
  [/^nodejs_version_info$/, 'max'],
]

function withMerge(metric: ProcessMetric): ProcessMetric {
  const [, aggregator] = merges.find(([pattern]) => pattern.test(metric.name)) ?? []
  return aggregator ? { ...metric, aggregator } : metric
}

/** Metrics of several processes as those of one server. */
export function mergeMetrics(all: readonly (readonly ProcessMetric[])[]): Registry {
  return AggregatorRegistry.aggregate(all.map((metrics) => metrics.map(withMerge)))
}

/** Whose figures these are. */
export function processCounts(answered: number, silent: number): readonly Metric[] {
  return [
    gauge({
      name: 'fonechat_processes',
      help: 'Processes of this machine that are one server, and whose figures are in these.',
      read: () => answered,
    }),
    gauge({
      name: 'fonechat_processes_silent',
      help: 'Processes of this machine that are one server, but did not answer: their figures are left out.',
      read: () => silent,
    }),
  ]
}

export function register(registry: Registry, metrics: readonly Metric[]): Registry {
  for (const metric of metrics) registry.registerMetric(metric as never)
  return registry
}
