import { Count, Counts, ByWords } from '../instruments/by-words.ts'
import { Histogram, secondBounds } from '../instruments/histogram.ts'
import { errorCodes } from '../model/error.ts'
import type { WebhookCall } from '../outbound/webhook-request.ts'

/** `invalid` is a document that cannot be executed. */
const operationKinds = ['query', 'mutation', 'subscription', 'invalid'] as const

const transports = ['http', 'websocket', 'sse', 'rest'] as const

/** As callers get them, but for `OK`. */
const outcomes = [
  'OK',
  ...(Object.keys(errorCodes) as (keyof typeof errorCodes)[]),
  'INTERNAL_SERVER_ERROR',
  'PERSISTED_DOCUMENTS_ONLY',
] as const

export type Transport = (typeof transports)[number]
export type Outcome = (typeof outcomes)[number]

/**
 * Why a feed reads from the store: a hint was lost or late (`missing`), is of another version (`unreadable`), the bus may have lost some (`gap`), the
 * sweep has found something (`sweep`), or the database has gone back (`history`).
 */
const refillReasons = ['missing', 'unreadable', 'gap', 'sweep', 'history'] as const

export type RefillReason = (typeof refillReasons)[number]

/** From the database on the same machine to the sweep, which finds what was lost within seconds. */
const deliveryBounds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** From the start with what alerts look at: a rate that begins with the first count would miss it. */
function createOperationCounts() {
  const counts = new Counts({ kind: operationKinds, transport: transports, outcome: outcomes })
  for (const outcome of ['OK', 'RATE_LIMITED', 'UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const) {
    for (const transport of ['http', 'websocket', 'rest'] as const) {
      counts.of({ kind: 'query', transport, outcome })
      counts.of({ kind: 'mutation', transport, outcome })
    }
    counts.of({ kind: 'subscription', transport: 'websocket', outcome })
    counts.of({ kind: 'subscription', transport: 'sse', outcome })
  }
  return counts
}

/** What the parts count for operators. `/metrics` reads it. */
export function createInstruments() {
  return {
    operations: createOperationCounts(),
    operationSeconds: new ByWords({ kind: operationKinds }, () => new Histogram(secondBounds)),
    refills: new Counts({ feed: ['channel', 'user'], reason: refillReasons })
      .fill('reason', { feed: 'channel' })
      .fill('reason', { feed: 'user' }),
    /** Of live messages, each reader counted. */
    deliverySeconds: new Histogram(deliveryBounds),
    /** Events that readers were sent from the store. */
    replayed: new Count(),
    /** How often an open subscription had to read from the store. */
    catchUps: new Count(),
    /** Webhook deliveries that were given up. */
    deadDeliveries: new Count(),
    webhookSeconds: new ByWords(
      { kind: ['pre', 'post'], outcome: ['accepted', 'refused', 'timeout', 'failed'] },
      () => new Histogram([0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10]),
    ),
  }
}

export type Instruments = ReturnType<typeof createInstruments>

export const recordWebhook =
  ({ webhookSeconds }: Instruments) =>
  ({ kind, outcome, seconds }: WebhookCall): void =>
    webhookSeconds.of({ kind, outcome }).observe(seconds)
