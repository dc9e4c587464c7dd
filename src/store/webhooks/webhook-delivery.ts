import { createHash } from 'node:crypto'
import { and, eq, lt, sql } from 'drizzle-orm'
import type { Page } from '../../model/page.ts'
import { sidToUuid } from '../../model/sid.ts'
import type { WebhookDelivery, WebhookDeliveryStatus } from '../../model/webhook-delivery.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from '../../model/webhook.ts'
import type { Db, Tx } from '../engine/db.ts'
import { isInPage, pageOrder } from '../engine/page.ts'
import { webhookQueues, webhookDeliveries } from '../tables/webhook-delivery.ts'
import type { WebhookJobs } from './webhook-job.ts'

export type NewWebhookDelivery = Pick<
  WebhookDelivery,
  'id' | 'serviceId' | 'subjectId' | 'url' | 'method' | 'bodyFormat' | 'event' | 'parameters'
>

/** Which queue a subject and an endpoint have: always the same, so that nobody has to look it up. Spelt as the database does. */
function queueIdOf({ subjectId, url }: Pick<WebhookDelivery, 'subjectId' | 'url'>): string {
  const hash = createHash('sha256').update(`${subjectId} ${url}`).digest('hex')
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')
}

/**
 * Queues are locked in one order, so that two transactions cannot wait for each other, and keep their locks until the commit: numbers
 * become visible in their order.
 */
const insertStatement = `
WITH input AS (
  SELECT *
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS given (lane_id, id, subject_id, url, service_id, event, method, body_format, parameters, place)
), queues AS (
  INSERT INTO webhook_lanes (id, subject_id, url, last_number, used_at)
  SELECT lane_id, min(subject_id), min(url), count(*), date_trunc('milliseconds', now()) FROM input GROUP BY lane_id ORDER BY lane_id
  ON CONFLICT (id) DO UPDATE SET last_number = webhook_lanes.last_number + EXCLUDED.last_number, used_at = EXCLUDED.used_at
  RETURNING id, last_number
)
INSERT INTO webhook_notices (id, lane_id, number, service_id, event, method, body_format, parameters, created_at, queued_at)
SELECT input.id, lane_id, queues.last_number + 1 - row_number() OVER (PARTITION BY lane_id ORDER BY place DESC),
  service_id, event, method, body_format, parameters, clock_timestamp(), clock_timestamp()
FROM input JOIN queues ON queues.id = input.lane_id`

/** Writes what webhooks are to be told, in the transaction of what it tells and as its last statements. */
export async function insertWebhookDeliveries(
  tx: Tx,
  jobs: Pick<WebhookJobs, 'insert'>,
  told: readonly NewWebhookDelivery[],
): Promise<void> {
  if (told.length === 0) return
  await tx.run(insertStatement, [
    told.map(queueIdOf),
    told.map(({ id }) => sidToUuid(id)),
    told.map(({ subjectId }) => subjectId),
    told.map(({ url }) => url),
    told.map(({ serviceId }) => sidToUuid(serviceId)),
    told.map(({ event }) => event),
    told.map(({ method }) => method),
    told.map(({ bodyFormat }) => bodyFormat),
    told.map(({ parameters }) => parameters),
  ])
  const urls = new Map(told.map((delivery) => [queueIdOf(delivery), delivery.url]))
  await jobs.insert(
    tx,
    Array.from(urls, ([queueId, url]) => ({ queueId, url })),
  )
}

/** Rows that one statement of what is cleaned up takes. */
const cleanupRows = 1000

const deleteDeliveriesStatement = `
DELETE FROM webhook_notices WHERE id IN (
  SELECT id FROM webhook_notices WHERE status <> 'pending' AND created_at < $1::timestamptz ORDER BY created_at LIMIT $2
) RETURNING 1`

/** A queue that gets a delivery meanwhile is not done any more, and is compared again after the wait for its lock. */
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

/** Forgets what was delivered or given up before a time, and the queues that are left with nothing, some at a time. */
export async function deleteSettledWebhookDeliveries(db: Db, before: Date): Promise<void> {
  for (const statement of [deleteDeliveriesStatement, deleteQueuesStatement]) {
    let deleted: number
    do deleted = (await db.run(statement, [before.toISOString(), cleanupRows])).length
    while (deleted === cleanupRows)
  }
}

/** How many deliveries wait: by what their queues say, of which only those that are not done are read. */
export async function countWaitingWebhookDeliveries(db: Db): Promise<number> {
  const [row] = await db.orm
    .select({
      waiting: sql<number>`coalesce(sum(${webhookQueues.lastNumber} - ${webhookQueues.doneNumber}), 0)::float8`,
    })
    .from(webhookQueues)
    .where(lt(webhookQueues.doneNumber, webhookQueues.lastNumber))
  return row!.waiting
}

/** Which deliveries are looked at. */
export interface WebhookDeliveryFilter {
  readonly status?: WebhookDeliveryStatus | null | undefined
  readonly event?: WebhookEvent | null | undefined
  readonly subjectId?: string | null | undefined
}

const deliveryColumns = {
  id: webhookDeliveries.id,
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

export async function readWebhookDelivery(db: Db, id: string): Promise<WebhookDelivery | undefined> {
  const [row] = await db.orm
    .select(deliveryColumns)
    .from(webhookDeliveries)
    .innerJoin(webhookQueues, eq(webhookQueues.id, webhookDeliveries.queueId))
    .where(eq(webhookDeliveries.id, id))
  return row
}

/** One page of a service's deliveries by id, oldest first. */
export async function readWebhookDeliveryPage(
  db: Db,
  serviceId: string,
  { status, event, subjectId }: WebhookDeliveryFilter,
  page: Page<string>,
): Promise<WebhookDelivery[]> {
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

/**
 * Puts deliveries at the end of their queues, in their order. Where the service sends an event elsewhere by now, that is where it goes. The
 * id of a queue is made as in `queueIdOf`.
 */
const requeueStatement = `
WITH chosen AS (
  SELECT n.id, n.number, n.created_at, l.subject_id, coalesce(t.url, l.url) AS url, coalesce(t.method, n.method) AS method,
    coalesce(t.body_format, n.body_format) AS body_format
  FROM webhook_notices n
  JOIN webhook_lanes l ON l.id = n.lane_id
  LEFT JOIN unnest($5::text[], $6::text[], $7::text[], $8::text[]) AS t (event, url, method, body_format) ON t.event = n.event
  WHERE n.service_id = $1 AND n.status <> 'pending'
    AND ($2::uuid IS NULL OR n.id = $2::uuid)
    AND ($3::timestamptz IS NULL OR n.created_at >= $3::timestamptz)
    AND ($4::text IS NULL OR n.status = $4::text)
  ORDER BY n.id
  FOR UPDATE OF n
), placed AS (
  SELECT *, substr(encode(sha256(convert_to(subject_id || ' ' || url, 'UTF8')), 'hex'), 1, 32)::uuid AS lane_id FROM chosen
), queues AS (
  INSERT INTO webhook_lanes (id, subject_id, url, last_number, used_at)
  SELECT lane_id, min(subject_id), min(url), count(*), date_trunc('milliseconds', now()) FROM placed GROUP BY lane_id ORDER BY lane_id
  ON CONFLICT (id) DO UPDATE SET last_number = webhook_lanes.last_number + EXCLUDED.last_number, used_at = EXCLUDED.used_at
  RETURNING id, last_number
), numbered AS (
  SELECT placed.id, lane_id, url, method, body_format,
    queues.last_number + 1 - row_number() OVER (PARTITION BY lane_id ORDER BY created_at DESC, number DESC) AS number
  FROM placed JOIN queues ON queues.id = placed.lane_id
), requeued AS (
  UPDATE webhook_notices n
  SET lane_id = numbered.lane_id, number = numbered.number, method = numbered.method, body_format = numbered.body_format,
      status = 'pending', attempts = 0, queued_at = now()
  FROM numbered
  WHERE n.id = numbered.id
  RETURNING n.lane_id, numbered.url
)
SELECT lane_id, min(url) AS url, count(*)::int AS count FROM requeued GROUP BY lane_id`

export interface Requeue {
  readonly serviceId: string
  readonly id?: string
  readonly since?: Date
  readonly status?: WebhookDeliveryStatus | null | undefined
  /** Where the service sends each event now. */
  readonly targets: readonly {
    readonly event: WebhookEvent
    readonly url: string
    readonly method: WebhookMethod
    readonly bodyFormat: WebhookBodyFormat
  }[]
}

/** Has told again what was delivered or given up. How many that are. */
export async function requeueWebhookDeliveries(
  db: Db,
  jobs: WebhookJobs,
  { serviceId, id, since, status, targets }: Requeue,
): Promise<number> {
  return db.transaction(async (tx) => {
    const queues = await tx.run<{ lane_id: string; url: string; count: number }>(requeueStatement, [
      sidToUuid(serviceId),
      id === undefined ? null : sidToUuid(id),
      since?.toISOString() ?? null,
      status ?? null,
      targets.map(({ event }) => event),
      targets.map(({ url }) => url),
      targets.map(({ method }) => method),
      targets.map(({ bodyFormat }) => bodyFormat),
    ])
    await jobs.insert(
      tx,
      queues.map(({ lane_id, url }) => ({ queueId: lane_id, url })),
    )
    return queues.reduce((sum, { count }) => sum + count, 0)
  })
}
