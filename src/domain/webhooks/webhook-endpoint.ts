import type { Actor } from '../../model/actor.ts'
import { isNumber, isText, listOf, row } from '../../model/shape.ts'
import type { ServiceId } from '../../model/sid.ts'
import type { WebhookEvent } from '../../model/webhook.ts'
import { readWaitingForEndpoints, type WaitingForEndpoint } from '../../store/webhooks/webhook-endpoint.ts'
import { requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import type { KnownProcess, ProcessCalls, Question } from '../process-calls.ts'
import { addressWithoutQuery, type Circuit, type Endpoints } from './endpoint.ts'
import { targetsOf } from './webhook.ts'

/** The circuit of an address in one process. */
export interface ProcessCircuit extends Omit<Circuit, 'address' | 'openMilliseconds'> {
  readonly processId: string
  readonly openUntil: Date | null
}

/** An address of a service: one that it sends events to, or one for which deliveries wait. */
export interface WebhookEndpoint {
  readonly url: string
  /** What the service sends there now. */
  readonly events: readonly WebhookEvent[]
  readonly waiting: Omit<WaitingForEndpoint, 'url'> | undefined
  readonly circuits: readonly ProcessCircuit[]
  /** Processes that did not answer: they may have a circuit of it, too. */
  readonly silent: readonly KnownProcess[]
}

interface CircuitsQuestion extends Question {
  readonly ask: 'circuits'
  readonly serviceId: ServiceId
}

const circuits = listOf(
  row<Circuit>({
    address: isText,
    state: (value) => value === 'closed' || value === 'open' || value === 'halfOpen',
    openMilliseconds: isNumber,
    timeouts: isNumber,
    running: isNumber,
    waiting: isNumber,
  }),
)

/** Has this process answer what it knows of a service's addresses. */
export function answerCircuits(calls: ProcessCalls, endpoints: Endpoints): void {
  calls.onQuestion<CircuitsQuestion>('circuits', row({ serviceId: isText }), ({ serviceId }) =>
    endpoints.circuitsOf(serviceId),
  )
}

/**
 * The addresses of a service: those that it sends events to, and others for which deliveries wait, in the order of their texts.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function listWebhookEndpoints(
  app: App,
  actor: Actor,
  serviceId: string | null | undefined,
): Promise<WebhookEndpoint[]> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const question: CircuitsQuestion = { ask: 'circuits', serviceId: service.id }
  const [waits, { answers, silent }] = await Promise.all([
    readWaitingForEndpoints(app.db, service.id),
    app.processCalls.askAll<readonly Circuit[]>(question, circuits),
  ])
  const waiting = new Map(waits.map((of) => [of.url, of]))
  const ofProcesses = [...answers].flatMap(([processId, known]) => known.map((circuit) => ({ ...circuit, processId })))
  const byAddress = Map.groupBy(ofProcesses, ({ address }) => address)
  const events = Map.groupBy(targetsOf(service), ({ url }) => url)
  const urls = new Set([...events.keys(), ...waiting.keys()])
  return [...urls].toSorted().map((url) => ({
    url,
    events: (events.get(url) ?? []).map(({ event }) => event),
    waiting: waiting.get(url),
    silent,
    circuits: (byAddress.get(addressWithoutQuery(url)) ?? []).map(({ openMilliseconds, ...circuit }) => ({
      ...circuit,
      openUntil: openMilliseconds > 0 ? new Date(app.clock.now() + openMilliseconds) : null,
    })),
  }))
}
