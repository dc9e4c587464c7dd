import type { OutgoingHttpHeaders, RequestListener } from 'node:http'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
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

/** The response to a request that was refused or has failed. */
interface Refusal {
  readonly status: number
  readonly body: object
  readonly headers: OutgoingHttpHeaders
}

/** `GET /metrics`: what this process does, in the text format of Prometheus, for the backend. */
export function createMetrics(
  app: App,
  webSockets: Connections,
  { registry }: WebhookTimes,
  toRefusal: (error: unknown) => Refusal,
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
  const all = Registry.merge([processMetrics, registry])
  return (request, response) => {
    const answer = (status: number, headers: OutgoingHttpHeaders, text: string): void => {
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
    }
    const respond = async (): Promise<void> => {
      await authenticateBackend(app, request, undefined)
      answer(200, { 'content-type': all.contentType }, await all.metrics())
    }
    respond().catch((error: unknown) => {
      const { status, body, headers } = toRefusal(error)
      answer(status, { ...headers, 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(body))
    })
  }
}
