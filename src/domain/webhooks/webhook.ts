import type { Actor } from '../../model/actor.ts'
import { forbidden } from '../../model/error.ts'
import { addressOf, type Service } from '../../model/service.ts'
import { newSid } from '../../model/sid.ts'
import {
  isPreEvent,
  webhookEvents,
  type WebhookBodyFormat,
  type WebhookEvent,
  type WebhookMethod,
  type WebhookParameters,
} from '../../model/webhook.ts'
import { WebhookFailure } from '../../outbound/webhook-request.ts'
import { readAccountTokens } from '../../store/account.ts'
import type { Tx } from '../../store/engine/db.ts'
import { readWebhookSecret } from '../../store/service.ts'
import { insertWebhookDeliveries, type NewWebhookDelivery } from '../../store/webhooks/webhook-delivery.ts'
import { tracing } from '../../tracing/tracing.ts'
import { findService, type Access } from '../access/authority.ts'
import { derivedSecret } from '../access/webhook-secret.ts'
import type { App } from '../app.ts'
import { outsideOperationTime } from '../operation-time.ts'
import { CircuitOpenError } from './endpoint.ts'
import { readReplacement, type Replacement } from './webhook-answer.ts'
import { toParameters, type Values } from './webhook-parameters.ts'

/** Who caused an event, as webhooks name it. */
export interface Origin {
  /** `SDK` for a user's client, `API` for the backend. */
  readonly source: 'SDK' | 'API'
  readonly identity?: string
  readonly webhookSwitch?: boolean | undefined
}

export function originOf(actor: Actor): Origin {
  if (actor.kind === 'user') return { source: 'SDK', identity: actor.identity }
  return { source: 'API', webhookSwitch: actor.kind === 'backend' ? actor.webhookSwitch : undefined }
}

interface Target {
  readonly url: string
  readonly method: WebhookMethod
  readonly bodyFormat: WebhookBodyFormat
}

/** Where an event of this origin is sent, and how; undefined where it is sent nowhere. */
export function targetOf(service: Service, event: WebhookEvent, origin: Origin): Target | undefined {
  if (!service.webhooksEnabled || origin.webhookSwitch === false) return undefined
  // The header turns on post-events alone: a backend needs no pre-event for its own actions.
  const isTurnedOn = origin.webhookSwitch === true && !isPreEvent(event)
  if (origin.source === 'API' && !service.apiWebhooksEnabled && !isTurnedOn) return undefined
  const url = addressOf(service, event)
  if (url === null) return undefined
  const method = service.webhookTargets[event]?.method ?? service.webhookMethod
  return { url, method, bodyFormat: service.webhookBodyFormat }
}

/** Where a service sends each event that users cause; those that it sends nowhere are missing. */
export function targetsOf(service: Service): (Target & { readonly event: WebhookEvent })[] {
  return webhookEvents.flatMap((event) => {
    const target = targetOf(service, event, { source: 'SDK' })
    return target ? [{ event, ...target }] : []
  })
}

export function parametersOf(service: Service, event: WebhookEvent, origin: Origin, values: Values): WebhookParameters {
  return toParameters({
    EventType: event,
    AccountSid: service.accountId,
    InstanceSid: service.id,
    ClientIdentity: origin.identity,
    Source: origin.source,
    ...values,
  })
}

/** A service's signing secret in the form that receivers of Standard Webhooks are configured with. */
export async function readSigningSecret(app: App, service: Service): Promise<string> {
  const { secret } = await findSigningKeys(app, service)
  return `whsec_${secret.toString('base64')}`
}

/** The two keys that sign a service's webhooks: the account's token, which helper libraries check, and the service's own secret. */
export async function findSigningKeys(app: App, { accountId, id }: Pick<Service, 'accountId' | 'id'>) {
  const account = await app.caches.accounts.read(accountId, () => readAccountTokens(app.db, accountId))
  const authToken = app.secrets.open(account!.tokens[0])
  const sealed = (await findService(app, id))?.webhookSecret ?? (await readWebhookSecret(app.db, id))
  return { authToken, secret: sealed === undefined ? derivedSecret(authToken, id) : openWebhookSecret(app, sealed) }
}

function openWebhookSecret({ secrets }: App, sealed: string): Buffer {
  return Buffer.from(secrets.open(sealed), 'base64')
}

/** Sends a pre-event and waits for the answer: throws where it is refused, else answers what it replaces. */
async function runPreEvent(
  app: App,
  service: Service,
  target: Target,
  event: WebhookEvent,
  parameters: WebhookParameters,
): Promise<Replacement> {
  const keys = await findSigningKeys(app, service)
  try {
    const answer = await outsideOperationTime(() =>
      app.endpoints.call(service.id, target.url, service.preWebhookTimeout, (timeout) =>
        app.webhooks.send({ ...target, ...keys, parameters, id: newSid('WN'), timeout }),
      ),
    )
    if (answer.status < 200 || answer.status > 299) throw forbidden('a webhook of the service refuses it', 50056)
    if (answer.isCut) throw new WebhookFailure('the answer is too long')
    return readReplacement(answer)
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error
    const chatCode = error.isTimeout ? 50076 : 50057
    const about = { serviceId: service.id, event, chatCode, reason: error.message }
    // That the circuit opened was logged once.
    app.logger[error instanceof CircuitOpenError ? 'debug' : 'warn'](about, 'a pre-event was not answered')
    if (service.preWebhookRequired) throw forbidden('a webhook of the service must be asked and did not answer', 50056)
    return {}
  }
}

/** The webhooks of a service, for one operation of one actor. */
export class Webhooks {
  readonly #app: App
  /** Undefined where the service has neither webhooks nor keyword rules. */
  readonly service: Service | undefined
  readonly #origin: Origin
  /** Of the operation, where it is traced. Deliveries are written together with those of others. */
  readonly #traceparent = tracing?.active() && tracing.headers().traceparent

  constructor(app: App, service: Service | undefined, origin: Origin) {
    this.#app = app
    this.service = service
    this.#origin = origin
  }

  /** Asks whether something may happen: throws where it is refused, else answers what it replaces. To be called before anything is stored. */
  async runPreEvent(event: WebhookEvent, parameters: () => Values): Promise<Replacement> {
    const target = this.service && targetOf(this.service, event, this.#origin)
    if (!target) return {}
    const values = { ...parameters(), RetryCount: 0 }
    return runPreEvent(
      this.#app,
      this.service!,
      target,
      event,
      parametersOf(this.service!, event, this.#origin, values),
    )
  }

  /** Whether an event is sent anywhere. */
  hasTarget(event: WebhookEvent): boolean {
    return this.service !== undefined && targetOf(this.service, event, this.#origin) !== undefined
  }

  /** The deliveries of a post-event: none where it is sent nowhere. */
  deliveries(event: WebhookEvent, subjectId: string, parameters: (service: Service) => Values): NewWebhookDelivery[] {
    const target = this.service && targetOf(this.service, event, this.#origin)
    if (!target) return []
    const values = parametersOf(this.service!, event, this.#origin, parameters(this.service!))
    const serviceId = this.service!.id
    const traceparent = this.#traceparent ?? null
    const id = newSid('WN')
    return [{ ...target, id, serviceId, subjectId, event, traceparent, parameters: JSON.stringify(values) }]
  }

  /** Runs a transaction that also writes the deliveries of the post-events that `work` enqueues, and wakes the worker after the commit. */
  async transaction<Result>(work: (tx: Tx, enqueue: Enqueue) => Promise<Result>): Promise<Result> {
    const { result, hasDeliveries } = await this.#app.db.transaction(async (tx) => {
      // Of this attempt alone: the transaction may be run again.
      const deliveries: NewWebhookDelivery[] = []
      const result = await work(tx, (...event) => void deliveries.push(...this.deliveries(...event)))
      await insertWebhookDeliveries(tx, this.#app.webhookJobs, deliveries)
      return { result, hasDeliveries: deliveries.length > 0 }
    })
    if (hasDeliveries) this.#app.wakeWebhookWorker()
    return result
  }
}

/** Adds a post-event to a transaction. */
export type Enqueue = (...event: Parameters<Webhooks['deliveries']>) => void

/** The webhooks of a channel's service. Where it has neither webhooks nor rules, the service is not read. */
export async function openWebhooks(
  app: App,
  actor: Actor,
  { channel, hasHooks }: Pick<Access, 'channel' | 'hasHooks'>,
): Promise<Webhooks> {
  const service = hasHooks ? await findService(app, channel.serviceId) : undefined
  return new Webhooks(app, service, originOf(actor))
}
