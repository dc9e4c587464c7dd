import { and, eq, inArray } from 'drizzle-orm'
import type { Page } from '../../model/page.ts'
import { sidToUuid, uuidToSid, type ServiceId, type WebhookDeliveryId } from '../../model/sid.ts'
import type { WebhookDelivery, WebhookDeliveryStatus, WebhookQueueHead } from '../../model/webhook-delivery.ts'
import type { WebhookEvent } from '../../model/webhook.ts'
import { deleteBefore } from '../engine/batch.ts'
import type { Db, Tx } from '../engine/db.ts'
import { isInPage, newestFirst, pageOrder } from '../engine/page.ts'
import { webhookQueues, webhookDeliveries } from '../tables/webhook-delivery.ts'
import { jobQueue, type WebhookJobs, type WebhookQueue } from './webhook-job.ts'

export interface NewWebhookDelivery extends Pick<
  WebhookDelivery,
  'id' | 'serviceId' | 'subjectId' | 'url' | 'method' | 'bodyFormat' | 'event' | 'parameters'
> {
  readonly traceparent: string | null
}

/** The id of an ordered queue: always the same for a subject and an endpoint, so that no statement has to look it up. */
export const queueId = `substr(encode(sha256(convert_to(subject_id || ' ' || url, 'UTF8')), 'hex'), 1, 32)::uuid`

/**
 * Takes the next numbers in the queues of some rows, and makes the queues that are missing. Queues are locked in one order, so that two
 * transactions cannot wait for each other, and stay locked until the commit: numbers become visible in their order.
 */
export const takeNumbers = (rows: string): string => `
  INSERT INTO webhook_lanes (id, subject_id, url, last_number, used_at)
  SELECT lane_id, min(subject_id), min(url), count(*), date_trunc('milliseconds', now()) FROM ${rows} GROUP BY lane_id ORDER BY lane_id
  ON CONFLICT (id) DO UPDATE SET last_number = webhook_lanes.last_number + EXCLUDED.last_number, used_at = EXCLUDED.used_at
  RETURNING id, url, last_number`

const insertStatement = `
WITH input AS (
  SELECT *, ${queueId} AS lane_id
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS given (id, subject_id, url, service_id, event, method, body_format, parameters, traceparent, ordinal)
), queues AS (${takeNumbers('input')}
), inserted AS (
  INSERT INTO webhook_notices (id, lane_id, number, service_id, event, method, body_format, parameters, traceparent, created_at, queued_at)
  SELECT input.id, lane_id, queues.last_number + 1 - row_number() OVER (PARTITION BY lane_id ORDER BY ordinal DESC),
    service_id, event, method, body_format, parameters, traceparent, clock_timestamp(), clock_timestamp()
  FROM input JOIN queues ON queues.id = input.lane_id
)
SELECT id AS "queueId", url FROM queues`

/** Writes deliveries and the jobs of their queues. To be called last in the transaction of what they report. */
export async function insertWebhookDeliveries(
  tx: Tx,
  jobs: Pick<WebhookJobs, 'insert'>,
  deliveries: readonly NewWebhookDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return
  const queues = await tx.run<Pick<WebhookQueue, 'queueId' | 'url'>>(insertStatement, [
    deliveries.map(({ id }) => sidToUuid(id)),
    deliveries.map(({ subjectId }) => subjectId),
    deliveries.map(({ url }) => url),
    deliveries.map(({ serviceId }) => sidToUuid(serviceId)),
    deliveries.map(({ event }) => event),
    deliveries.map(({ method }) => method),
    deliveries.map(({ bodyFormat }) => bodyFormat),
    deliveries.map(({ parameters }) => parameters),
    deliveries.map(({ traceparent }) => traceparent),
  ])
  await jobs.insert(tx, queues)
}

const deleteDeliveriesStatement = `
DELETE FROM webhook_notices WHERE id IN (
  SELECT id FROM webhook_notices WHERE status <> 'pending' AND created_at < $1::timestamptz ORDER BY created_at LIMIT $2
) RETURNING 1`

/** The conditions stand twice: a queue that gets a delivery meanwhile fails the outer ones, which are read again after the wait for its lock. */
const deleteQueuesStatement = `
DELETE FROM webhook_lanes l
WHERE done_number = last_number AND used_at < $1::timestamptz
  AND NOT EXISTS (SELECT FROM webhook_notices n WHERE n.lane_id = l.id)
  AND id IN (
    SELECT id FROM webhook_lanes o
    WHERE o.done_number = o.last_number AND o.used_at < $1::timestamptz
      AND NOT EXISTS (SELECT FROM webhook_notices n WHERE n.lane_id = o.id)
    LIMIT $2
  )
RETURNING 1`

/**
 * Deletes deliveries that were settled and created before a time, and queues that are empty and unused since then, some at a time. Answers how many rows.
 */
export async function deleteSettledWebhookDeliveries(db: Db, before: Date): Promise<number> {
  return (
    (await deleteBefore(db, deleteDeliveriesStatement, before)) +
    (await deleteBefore(db, deleteQueuesStatement, before))
  )
}

/** Which deliveries are listed. */
export interface WebhookDeliveryFilter {
  readonly status?: WebhookDeliveryStatus | null | undefined
  readonly event?: WebhookEvent | null | undefined
  readonly subjectId?: string | null | undefined
  readonly isNewestFirst?: boolean
}

const deliveryColumns = {
  id: webhookDeliveries.id,
  queueId: webhookDeliveries.queueId,
  number: webhookDeliveries.number,
  doneNumber: webhookQueues.doneNumber,
  lastNumber: webhookQueues.lastNumber,
  serviceId: webhookDeliveries.serviceId,
  subjectId: webhookQueues.subjectId,
  url: webhookQueues.url,
  method: webhookDeliveries.method,
  bodyFormat: webhookDeliveries.bodyFormat,
  event: webhookDeliveries.event,
  parameters: webhookDeliveries.parameters,
  status: webhookDeliveries.status,
  attempts: webhookDeliveries.attempts,
  answerStatus: webhookDeliveries.answerStatus,
  answer: webhookDeliveries.answer,
  createdAt: webhookDeliveries.createdAt,
  queuedAt: webhookDeliveries.queuedAt,
  attemptedAt: webhookDeliveries.attemptedAt,
}

export async function readWebhookDelivery(db: Db, id: WebhookDeliveryId): Promise<WebhookDelivery | undefined> {
  const [row] = await db.orm
    .select(deliveryColumns)
    .from(webhookDeliveries)
    .innerJoin(webhookQueues, eq(webhookQueues.id, webhookDeliveries.queueId))
    .where(eq(webhookDeliveries.id, id))
  return row
}

const headsStatement = `
SELECT head.id, job.state, job.start_after
FROM unnest($1::uuid[]) AS asked (id)
JOIN webhook_lanes l ON l.id = asked.id
CROSS JOIN LATERAL (
  SELECT id FROM webhook_notices WHERE lane_id = l.id AND number > l.done_number ORDER BY number LIMIT 1
) AS head
LEFT JOIN pgboss.job job
  ON job.name = $2 AND coalesce(job.singleton_key, '') = l.id::text AND job.state <= 'active' AND job.policy = 'exclusive'`

/** What is sent next of some queues; those in which nothing waits are missing. */
export async function readQueueHeads(db: Db, queueIds: readonly string[]): Promise<WebhookQueueHead[]> {
  const heads = await db.run<{ id: string; state: string | null; start_after: string | null }>(headsStatement, [
    `{${queueIds.join()}}`,
    jobQueue,
  ])
  const nextAttempts = new Map(
    heads.map(({ id, state, start_after: at }) => [
      uuidToSid('WN', id),
      state === 'active' || at === null ? null : new Date(at),
    ]),
  )
  if (heads.length === 0) return []
  const rows = await db.orm
    .select(deliveryColumns)
    .from(webhookDeliveries)
    .innerJoin(webhookQueues, eq(webhookQueues.id, webhookDeliveries.queueId))
    .where(inArray(webhookDeliveries.id, [...nextAttempts.keys()]))
  return rows.map((delivery) => ({ delivery, nextAttemptAt: nextAttempts.get(delivery.id) ?? null }))
}

/** One page of a service's deliveries by id. */
export async function readWebhookDeliveryPage(
  db: Db,
  serviceId: ServiceId,
  { status, event, subjectId, isNewestFirst = false }: WebhookDeliveryFilter,
  asked: Page<WebhookDeliveryId>,
): Promise<WebhookDelivery[]> {
  const page = isNewestFirst ? newestFirst(asked) : asked
  return db.orm
    .select(deliveryColumns)
    .from(webhookDeliveries)
    .innerJoin(webhookQueues, eq(webhookQueues.id, webhookDeliveries.queueId))
    .where(
      and(
        eq(webhookDeliveries.serviceId, serviceId),
        isInPage(webhookDeliveries.id, page),
        status == null ? undefined : eq(webhookDeliveries.status, status),
        event == null ? undefined : eq(webhookDeliveries.event, event),
        subjectId == null ? undefined : eq(webhookQueues.subjectId, subjectId),
      ),
    )
    .orderBy(pageOrder(webhookDeliveries.id, page))
    .limit(page.size + 1)
}
