import { counter, gauge, histogram, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

export const webhookMetrics = ({ app }: MetricSources): Metric[] => [
  histogram({
    name: 'fonechat_webhook_request_seconds',
    help: 'Requests of webhooks, from the resolution of the name to the last byte of the answer.',
    by: app.instruments.webhookSeconds.words,
    read: () => app.instruments.webhookSeconds.items,
  }),
  counter({
    name: 'fonechat_pre_events_skipped_total',
    help: 'Pre-events that were not sent: the circuit of their endpoint is open, or too many wait for it.',
    read: () => app.endpoints.skipped,
  }),
  counter({
    name: 'fonechat_webhook_circuit_openings_total',
    help: 'How often the circuit of an endpoint of pre-events was opened, since it did not answer.',
    read: () => app.endpoints.openings,
  }),
  gauge({
    name: 'fonechat_webhook_circuits_open',
    help: 'Endpoints of pre-events whose circuit is open now.',
    read: () => app.endpoints.openCount(),
  }),
  counter({
    name: 'fonechat_webhook_deliveries_dead_total',
    help: 'Post-events that did not arrive and were given up.',
    read: () => app.instruments.deadDeliveries.value,
  }),
]
