import type { OutgoingHttpHeaders, RequestListener } from 'node:http'
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { App } from '../domain/app.ts'
import type { WebhookCall } from '../outbound/webhook-request.ts'
import { countWaitingWebhookDeliveries } from '../store/webhooks/webhook-delivery.ts'
import { authenticateBackend } from './auth.ts'

/** Metrics of the process itself, by the names that dashboards know. */
const processMetrics = new Registry()
collectDefaultMetrics({ register: processMetrics })

/** Times of webhook requests. Only these are measured as they happen; all other metrics are read when `/metrics` is. */
export class WebhookTimes {
  readonly registry = new Registry()
  readonly #seconds = new Histogram({
    name: 'fonechat_webhook_request_seconds',
    help: 'Requests of webhooks, from the resolution of the name to the last byte of the answer.',
    labelNames: ['kind', 'outcome'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10],
    registers: [this.registry],
  })

  readonly record = ({ kind, outcome, seconds }: WebhookCall): void => this.#seconds.observe({ kind, outcome }, seconds)
}

/** What is open over WebSocket. */
interface Connections {
  connectionCount(): number
  subscriptionCount(): number
}

/** One metric of one process, as the library writes it as JSON. */
export interface ProcessMetric {
  readonly name: string
}

/** The metrics of the other processes of this machine that are one server with this one. */
export interface OtherMetrics {
  /** Never rejects. `silent` counts those that did not answer in time. */
  collect(): Promise<{ readonly metrics: readonly (readonly ProcessMetric[])[]; readonly silent: number }>
  /** Answers others with what this process does. */
  onAsked(read: () => Promise<readonly ProcessMetric[]>): void
}

/** How metrics of several processes become one; others are added. A sum of lags says nothing: the worst process counts. */
const merges: readonly (readonly [RegExp, 'min' | 'max'])[] = [
  [/^nodejs_eventloop_lag_min_/, 'min'],
  [/^nodejs_eventloop_lag_/, 'max'],
  [/^process_start_time_/, 'min'],
  // Each process has counted the same.
  [/^fonechat_webhook_deliveries_waiting$/, 'max'],
]

function merge(all: readonly (readonly ProcessMetric[])[]): Registry {
  const marked = all.map((metrics) =>
    metrics.map((metric) => {
      const found = merges.find(([pattern]) => pattern.test(metric.name))
      return found ? { ...metric, aggregator: found[1] } : metric
    }),
  )
  return AggregatorRegistry.aggregate(marked)
}

function countProcesses(registry: Registry, answered: number, silent: number): void {
  const registers = [registry]
  const help = 'Processes of this machine that are one server'
  new Gauge({ name: 'fonechat_processes', help: `${help}, and whose figures are in these.`, registers }).set(answered)
  const name = 'fonechat_processes_silent'
  new Gauge({ name, help: `${help}, but did not answer: their figures are left out.`, registers }).set(silent)
}

/** The response to a request that was refused or has failed. */
interface Refusal {
  readonly status: number
  readonly body: object
  readonly headers: OutgoingHttpHeaders
}

/** `GET /metrics`: what this process and those beside it on its machine do, in the text format of Prometheus, for the backend. */
export function createMetrics(
  app: App,
  webSockets: Connections,
  { registry }: WebhookTimes,
  toRefusal: (error: unknown) => Refusal,
  others?: OtherMetrics,
): RequestListener {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read())
      },
    })
  }
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  gauge('fonechat_connections', 'Open WebSocket connections.', () => webSockets.connectionCount())
  gauge('fonechat_subscriptions', 'Open subscriptions over WebSocket.', () => webSockets.subscriptionCount())
  counter('fonechat_messages_sent_total', 'Messages written.', () => app.messages.written)
  counter(
    'fonechat_pre_events_skipped_total',
    'Pre-events that were not sent: the circuit of their endpoint is open, or too many wait for it.',
    () => app.endpoints.skipped,
  )
  counter(
    'fonechat_webhook_circuit_openings_total',
    'How often the circuit of an endpoint of pre-events was opened, since it did not answer.',
    () => app.endpoints.openings,
  )
  gauge('fonechat_webhook_circuits_open', 'Endpoints of pre-events whose circuit is open now.', () =>
    app.endpoints.openCount(),
  )
  counter('fonechat_wrong_passwords_total', 'Wrong passwords of backends.', () => app.passwords.wrong)
  counter(
    'fonechat_unchecked_passwords_total',
    'Passwords that were refused unchecked, after too many wrong ones from the same address.',
    () => app.passwords.unchecked,
  )
  gauge(
    'fonechat_webhook_deliveries_waiting',
    'Post-events of all processes that have not arrived yet; the same in each of them.',
    () => countWaitingWebhookDeliveries(app.db),
  )
  if (!others) countProcesses(registry, 1, 0)
  const all = Registry.merge([processMetrics, registry])
  others?.onAsked(() => all.getMetricsAsJSON())
  const read = async (): Promise<string> => {
    if (!others) return all.metrics()
    const [own, { metrics, silent }] = await Promise.all([all.getMetricsAsJSON(), others.collect()])
    const merged = merge([own, ...metrics])
    countProcesses(merged, metrics.length + 1, silent)
    return merged.metrics()
  }
  return (request, response) => {
    const answer = (status: number, headers: OutgoingHttpHeaders, text: string): void => {
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
    }
    const respond = async (): Promise<void> => {
      await authenticateBackend(app, request, undefined)
      answer(200, { 'content-type': all.contentType }, await read())
    }
    respond().catch((error: unknown) => {
      const { status, body, headers } = toRefusal(error)
      answer(status, { ...headers, 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(body))
    })
  }
}
