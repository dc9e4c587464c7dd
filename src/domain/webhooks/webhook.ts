import type { Actor } from '../../model/actor.ts'
import { forbidden } from '../../model/error.ts'
import { addressOf, type Service } from '../../model/service.ts'
import { newSid } from '../../model/sid.ts'
import {
  isPreEvent,
  type WebhookBodyFormat,
  type WebhookEvent,
  type WebhookMethod,
  type WebhookParameters,
} from '../../model/webhook.ts'
import { WebhookFailure } from '../../outbound/webhook-request.ts'
import { readAccountTokens } from '../../store/account.ts'
import type { Tx } from '../../store/engine/db.ts'
import { readWebhookSecret } from '../../store/service.ts'
import { insertNotices, type NewNotice } from '../../store/webhooks/notice.ts'
import { findService, type Access } from '../access/authority.ts'
import { derivedSecret } from '../access/webhook-secret.ts'
import type { App } from '../app.ts'
import { outsideOperationTime } from '../operation-time.ts'
import { EndpointRests } from './endpoint.ts'
import { readReplacement, type Replacement } from './webhook-answer.ts'
import { toParameters, type Values } from './webhook-parameters.ts'

/** Who brings something about, as webhooks are told. */
interface Cause {
  /** Whether a user's client or the backend. */
  readonly source: 'SDK' | 'API'
  readonly identity?: string
  readonly webhookSwitch?: boolean | undefined
}

export function causeOf(actor: Actor): Cause {
  if (actor.kind === 'user') return { source: 'SDK', identity: actor.identity }
  return { source: 'API', webhookSwitch: actor.kind === 'backend' ? actor.webhookSwitch : undefined }
}

interface Target {
  readonly url: string
  readonly method: WebhookMethod
  readonly bodyFormat: WebhookBodyFormat
}

/** Where an event of this cause is sent, and how. */
export function targetOf(service: Service, event: WebhookEvent, cause: Cause): Target | undefined {
  if (!service.webhooksEnabled || cause.webhookSwitch === false) return undefined
  // A request can ask for post-events alone: a backend need not be asked about what it does itself.
  const isAskedFor = cause.webhookSwitch === true && !isPreEvent(event)
  if (cause.source === 'API' && !service.apiWebhooksEnabled && !isAskedFor) return undefined
  const url = addressOf(service, event)
  if (url === null) return undefined
  const method = service.webhookTargets[event]?.method ?? service.webhookMethod
  return { url, method, bodyFormat: service.webhookBodyFormat }
}

export function parametersOf(service: Service, event: WebhookEvent, cause: Cause, values: Values): WebhookParameters {
  return toParameters({
    EventType: event,
    AccountSid: service.accountId,
    InstanceSid: service.id,
    ClientIdentity: cause.identity,
    Source: cause.source,
    ...values,
  })
}

/** As receivers of Standard Webhooks are configured with it. */
export async function readSigningSecret(app: App, service: Service): Promise<string> {
  const { secret } = await findSigningKeys(app, service)
  return `whsec_${secret.toString('base64')}`
}

/** What signs a service's webhooks: the account's token, as helper libraries check it, and a secret of the service's own. */
export async function findSigningKeys(app: App, { accountId, id }: Pick<Service, 'accountId' | 'id'>) {
  const account = await app.caches.accounts.read(accountId, () => readAccountTokens(app.db, accountId))
  const authToken = app.secrets.open(account!.tokens[0])
  const sealed = (await findService(app, id))?.webhookSecret ?? (await readWebhookSecret(app.db, id))
  return { authToken, secret: sealed === undefined ? derivedSecret(authToken, id) : openWebhookSecret(app, sealed) }
}

function openWebhookSecret({ secrets }: App, sealed: string): Buffer {
  return Buffer.from(secrets.open(sealed), 'base64')
}

/**
 * Asks the service's webhook whether something may happen, and answers what it wants to have otherwise. Nothing is stored or
 * published before.
 */
async function askBefore(
  app: App,
  service: Service,
  event: WebhookEvent,
  cause: Cause,
  about: () => Values,
): Promise<Replacement> {
  const target = targetOf(service, event, cause)
  if (!target) return {}
  const parameters = { ...parametersOf(service, event, cause, about()), RetryCount: '0' }
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
    // One that is left alone has been told of once.
    app.logger[error instanceof EndpointRests ? 'debug' : 'warn'](about, 'a pre-event was not answered')
    if (service.preWebhookRequired) throw forbidden('a webhook of the service must be asked and did not answer', 50056)
    return {}
  }
}

/** The webhooks of a service, as one operation in it meets them. */
export class Webhooks {
  readonly #app: App
  /** Undefined where there is nobody to ask or tell. */
  readonly service: Service | undefined
  readonly #cause: Cause

  constructor(app: App, service: Service | undefined, cause: Cause) {
    this.#app = app
    this.service = service
    this.#cause = cause
  }

  /** Whether it may happen, and what is wanted otherwise. */
  async ask(event: WebhookEvent, about: () => Values): Promise<Replacement> {
    if (!this.service) return {}
    return askBefore(this.#app, this.service, event, this.#cause, about)
  }

  /** Whether anyone is told of it. */
  hears(event: WebhookEvent): boolean {
    return this.service !== undefined && targetOf(this.service, event, this.#cause) !== undefined
  }

  /** What is to be told of an event: nothing, where nobody hears. */
  notices(event: WebhookEvent, subjectId: string, about: (service: Service) => Values): NewNotice[] {
    const target = this.service && targetOf(this.service, event, this.#cause)
    if (!target) return []
    const parameters = JSON.stringify(parametersOf(this.service!, event, this.#cause, about(this.service!)))
    return [{ ...target, id: newSid('WN'), serviceId: this.service!.id, subjectId, event, parameters }]
  }

  /** A transaction that also writes down what `tell` was called with, and has it told once it is committed. */
  async transaction<Result>(work: (tx: Tx, tell: Tell) => Promise<Result>): Promise<Result> {
    const { result, told } = await this.#app.db.transaction(async (tx) => {
      // Of this attempt alone: the transaction may be run again.
      const told: NewNotice[] = []
      const result = await work(tx, (...event) => void told.push(...this.notices(...event)))
      await insertNotices(tx, this.#app.noticeJobs, told)
      return { result, told }
    })
    if (told.length > 0) this.#app.noticeBell.ring()
    return result
  }
}

export type Tell = (...event: Parameters<Webhooks['notices']>) => void

/** Those of a channel's service; no look at the service where it has none. */
export async function openWebhooks(
  app: App,
  actor: Actor,
  { channel, hasHooks }: Pick<Access, 'channel' | 'hasHooks'>,
): Promise<Webhooks> {
  const service = hasHooks ? await findService(app, channel.serviceId) : undefined
  return new Webhooks(app, service, causeOf(actor))
}
