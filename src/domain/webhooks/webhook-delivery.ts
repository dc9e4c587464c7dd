import type { Actor } from '../../model/actor.ts'
import { badInput, notFound } from '../../model/error.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid } from '../../model/sid.ts'
import type { WebhookDelivery, WebhookQueueHead } from '../../model/webhook-delivery.ts'
import type { WebhookEvent, WebhookMethod } from '../../model/webhook.ts'
import { WebhookFailure } from '../../outbound/webhook-request.ts'
import {
  readQueueHeads,
  readWebhookDelivery,
  readWebhookDeliveryPage,
  type WebhookDeliveryFilter,
} from '../../store/webhooks/webhook-delivery.ts'
import {
  countSettledSince,
  maxCounted,
  requeueWebhookDeliveries,
  requeueWebhookDelivery,
  type ReplayedDeliveries,
} from '../../store/webhooks/webhook-replay.ts'
import { findService, isReachable, requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { sampleOf } from './webhook-sample.ts'
import { findSigningKeys, targetOf, targetsOf } from './webhook.ts'

/** For operators: listing webhook deliveries, replaying them, and testing a webhook. */

/** What is sent next of the queues of some deliveries, in their order. */
export async function lookUpQueueHeads(
  app: App,
  queueIds: readonly string[],
): Promise<(WebhookQueueHead | undefined)[]> {
  const heads = new Map((await readQueueHeads(app.db, queueIds)).map((head) => [head.delivery.queueId, head]))
  return queueIds.map((id) => heads.get(id))
}

/**
 * One page of a service's webhook deliveries, in the order in which their events happened, or the other way round.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listWebhookDeliveries(
  app: App,
  actor: Actor,
  serviceId: string | null | undefined,
  filter: WebhookDeliveryFilter,
  args: PageArgs,
): Promise<PageOf<WebhookDelivery>> {
  requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('WN'))
  if (filter.subjectId != null) assertText('subjectId', filter.subjectId)
  const service = await requireService(app, actor, serviceId)
  return readPage(page, (part) => readWebhookDeliveryPage(app.db, service.id, filter, part), byId)
}

/**
 * A webhook delivery of a service of the caller's account.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findWebhookDelivery(app: App, actor: Actor, id: string): Promise<WebhookDelivery | undefined> {
  requireBackend(actor)
  const delivery = isSid('WN', id) ? await readWebhookDelivery(app.db, id) : undefined
  return delivery && (await isReachable(app, actor, delivery.serviceId)) ? delivery : undefined
}

/**
 * Has a webhook delivery sent again, with the same id, at the end of its queue. One that still waits keeps its place.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function replayWebhookDelivery(app: App, actor: Actor, id: string): Promise<WebhookDelivery> {
  const delivery = await findWebhookDelivery(app, actor, id)
  const service = delivery && (await findService(app, delivery.serviceId))
  if (!service) throw notFound('the delivery')
  const requeue = { serviceId: service.id, targets: targetsOf(service) }
  await requeueWebhookDelivery(app.db, app.webhookJobs, delivery.id, requeue)
  app.wakeWebhookWorker()
  return (await readWebhookDelivery(app.db, delivery.id))!
}

/** Deliveries since a time: all that were settled, only those that arrived, or only those that were given up. */
export interface ReplayInput extends ReplayedDeliveries {
  readonly serviceId?: string | null | undefined
}

/**
 * Has all settled deliveries of events since a time sent again, in their order, and answers how many those are. When it fails, the earlier of them may
 * be sent again all the same.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function replayWebhookDeliveries(
  app: App,
  actor: Actor,
  { serviceId, since, status }: ReplayInput,
): Promise<number> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const count = await requeueWebhookDeliveries(app.db, app.webhookJobs, {
    serviceId: service.id,
    since,
    status,
    targets: targetsOf(service),
  })
  app.wakeWebhookWorker()
  return count
}

export interface ReplayDryRun {
  readonly count: number
  /** Whether that is all. */
  readonly isComplete: boolean
  /** Where they would go. */
  readonly targets: readonly { readonly url: string; readonly count: number }[]
}

/**
 * What `replayWebhookDeliveries` would send again. Changes nothing.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function dryRunReplay(
  app: App,
  actor: Actor,
  { serviceId, since, status }: ReplayInput,
): Promise<ReplayDryRun> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const urls = new Map(targetsOf(service).map(({ event, url }) => [event, url]))
  const found = await countSettledSince(app.db, service.id, { since, status })
  const counts = new Map<string, number>()
  for (const { event, url, count } of found) {
    const to = urls.get(event) ?? url
    counts.set(to, (counts.get(to) ?? 0) + count)
  }
  const count = found.reduce((sum, { count: some }) => sum + some, 0)
  return {
    count: Math.min(count, maxCounted),
    isComplete: count <= maxCounted,
    targets: Array.from(counts, ([url, of]) => ({ url, count: of })),
  }
}

export interface WebhookTest {
  readonly url: string
  readonly method: WebhookMethod
  /** Null where there was no answer. */
  readonly answerStatus: number | null
  /** What was answered, or why nothing was. */
  readonly answer: string
  readonly milliseconds: number
}

/**
 * Calls a service's webhook with a sample of an event, at once and only once. Nothing of it happens or is kept.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function sendTestWebhook(
  app: App,
  actor: Actor,
  { serviceId, event }: { readonly serviceId?: string | null | undefined; readonly event: WebhookEvent },
): Promise<WebhookTest> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const target = targetOf(service, event, { source: 'SDK' })
  if (!target) throw badInput('the service sends this event nowhere', 'event')
  const keys = await findSigningKeys(app, service)
  const parameters = sampleOf(service, event)
  const started = performance.now()
  const { answerStatus, answer } = await app.webhooks
    .send({ ...target, ...keys, parameters, id: newSid('WN'), timeout: service.preWebhookTimeout })
    .then(
      ({ status, body }) => ({ answerStatus: status, answer: body.slice(0, 1000) }),
      (error: unknown) => {
        if (!(error instanceof WebhookFailure)) throw error
        return { answerStatus: null, answer: error.message }
      },
    )
  return { ...target, answerStatus, answer, milliseconds: Math.round(performance.now() - started) }
}
