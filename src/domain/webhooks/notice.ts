import type { Actor } from '../../model/actor.ts'
import { badInput, notFound } from '../../model/error.ts'
import type { Notice, NoticeStatus } from '../../model/notice.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import type { Service } from '../../model/service.ts'
import { isSid, newSid } from '../../model/sid.ts'
import { webhookEvents, type WebhookEvent, type WebhookMethod } from '../../model/webhook.ts'
import { WebhookFailure } from '../../outbound/webhook-request.ts'
import { readNotice, readNoticePage, requeueNotices, type NoticeFilter } from '../../store/webhooks/notice.ts'
import { findService, isReachable, requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { sampleOf } from './webhook-sample.ts'
import { findSigningKeys, targetOf } from './webhook.ts'

/** For operators: what webhooks were told, telling it again, and trying one out. */

export async function listNotices(
  app: App,
  actor: Actor,
  serviceId: string | null | undefined,
  filter: NoticeFilter,
  args: PageArgs,
): Promise<PageOf<Notice>> {
  requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('WN'))
  if (filter.subjectId != null) assertText('subjectId', filter.subjectId)
  const service = await requireService(app, actor, serviceId)
  return readPage(page, (part) => readNoticePage(app.db, service.id, filter, part), byId)
}

export async function findNotice(app: App, actor: Actor, id: string): Promise<Notice | undefined> {
  requireBackend(actor)
  const notice = isSid('WN', id) ? await readNotice(app.db, id) : undefined
  return notice && (await isReachable(app, actor, notice.serviceId)) ? notice : undefined
}

/** Has one notice told again, with the same id, after all that waits for its endpoint. One that is still waiting stays where it is. */
export async function replayNotice(app: App, actor: Actor, id: string): Promise<Notice> {
  const notice = await findNotice(app, actor, id)
  const service = notice && (await findService(app, notice.serviceId))
  if (!service) throw notFound('the notice')
  await requeueNotices(app.db, app.noticeJobs, { serviceId: service.id, id, targets: targetsOf(service) })
  app.noticeBell.ring()
  return (await readNotice(app.db, id))!
}

export interface ReplayInput {
  readonly serviceId?: string | null | undefined
  readonly since: Date
  /** Only what was delivered, or only what was given up. */
  readonly status?: NoticeStatus | null | undefined
}

/** The same for everything that happened since a time, in its order. How many that are. */
export async function replayNotices(
  app: App,
  actor: Actor,
  { serviceId, since, status }: ReplayInput,
): Promise<number> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const count = await requeueNotices(app.db, app.noticeJobs, {
    serviceId: service.id,
    since,
    status,
    targets: targetsOf(service),
  })
  app.noticeBell.ring()
  return count
}

/** Where each event goes that anyone hears. */
function targetsOf(service: Service) {
  return webhookEvents.flatMap((event) => {
    const target = targetOf(service, event, { source: 'SDK' })
    return target ? [{ event, ...target }] : []
  })
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

/** Calls a service's webhook with a sample of an event, at once and only once. Nothing of it happens or is kept. */
export async function sendTestWebhook(
  app: App,
  actor: Actor,
  { serviceId, event }: { readonly serviceId?: string | null | undefined; readonly event: WebhookEvent },
): Promise<WebhookTest> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const target = targetOf(service, event, { source: 'SDK' })
  if (!target) throw badInput('the service sends this event nowhere')
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
