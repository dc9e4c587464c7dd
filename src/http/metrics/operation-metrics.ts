import { byWord, counter, gauge, histogram, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

/** What callers ask for. */
export const operationMetrics = ({ app }: MetricSources): Metric[] => [
  counter({
    name: 'fonechat_operations_total',
    help: 'Operations of GraphQL and REST by kind, by the way that they came, and by the first code of their errors.',
    by: app.instruments.operations.words,
    read: () => app.instruments.operations.items,
  }),
  histogram({
    name: 'fonechat_operation_seconds',
    help: 'Time that operations took from their execution to their answer, waiting for their turn included.',
    by: app.instruments.operationSeconds.words,
    read: () => app.instruments.operationSeconds.items,
  }),
  counter({
    name: 'fonechat_messages_sent_total',
    help: 'Messages written.',
    read: () => app.messages.written,
  }),
  gauge({
    name: 'fonechat_writes_waiting',
    help: 'Calls that wait for a batch in which they are written.',
    by: { writer: ['messages', 'reads', 'reactions'] },
    read: () =>
      byWord('writer', {
        messages: app.messages.waitingCount,
        reads: app.reads.waitingCount,
        reactions: app.reactions.waitingCount,
      }),
  }),
]
