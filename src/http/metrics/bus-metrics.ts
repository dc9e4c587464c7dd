import { counter, gauge, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

/** What processes say to each other. */
export const busMetrics = ({ app: { bus }, background }: MetricSources): Metric[] => [
  counter({
    name: 'fonechat_bus_published_total',
    help: 'Hints that were published to the processes of the server.',
    read: () => bus.counts.published,
  }),
  counter({
    name: 'fonechat_bus_received_total',
    help: 'Hints that came over Redis or from other workers of the machine.',
    read: () => bus.counts.received,
  }),
  counter({
    name: 'fonechat_bus_dropped_total',
    help: 'Hints that could not be sent; other processes read from the store what they were about.',
    read: () => bus.counts.dropped,
  }),
  counter({
    name: 'fonechat_bus_gaps_total',
    help: 'How often the bus was back after hints may have been lost.',
    read: () => bus.counts.gaps,
  }),
  gauge({
    name: 'fonechat_redis_away',
    help: 'Processes that Redis does not answer; 0 also where there is none.',
    read: () => Number(background.isRedisAway()),
  }),
]
