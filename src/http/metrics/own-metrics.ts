import { busMetrics } from './bus-metrics.ts'
import { databaseMetrics } from './database-metrics.ts'
import { indexMetrics } from './index-metrics.ts'
import type { Metric } from './metric.ts'
import { operationMetrics } from './operation-metrics.ts'
import { processMetrics } from './process-metrics.ts'
import { realtimeMetrics } from './realtime-metrics.ts'
import type { MetricSources } from './sources.ts'
import { webhookMetrics } from './webhook-metrics.ts'

const groups = [
  processMetrics,
  realtimeMetrics,
  operationMetrics,
  databaseMetrics,
  busMetrics,
  webhookMetrics,
  indexMetrics,
]

/** What each process counts for itself. */
export const ownMetrics = (sources: MetricSources): Metric[] => groups.flatMap((list) => list(sources))
