import { firstSidOf, sidToUuid, type ServiceId, type WebhookDeliveryId } from '../../model/sid.ts'
import type { WebhookDeliveryStatus } from '../../model/webhook-delivery.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from '../../model/webhook.ts'
import { toDate, type Db } from '../engine/db.ts'
import { queueId, takeNumbers } from './webhook-delivery.ts'
import type { WebhookJobs, WebhookQueue } from './webhook-job.ts'

/** What is counted at most. */
export const maxCounted = 10_000

/** Which deliveries are replayed together. */
export interface ReplayedDeliveries {
  readonly since: Date
  readonly status?: WebhookDeliveryStatus | null | undefined
}

/** Settled deliveries that one transaction puts at the end of their queues, about. What is sent meanwhile waits for the locks of these queues. */
const maxRequeued = 5000

/** Puts settled deliveries at the end of their queues, in their order. They go where the service sends their events now. */
const requeueStatement = (isChosen: string): string => `
WITH chosen AS (
  SELECT n.id, n.number, n.created_at, l.subject_id, coalesce(t.url, l.url) AS url, coalesce(t.method, n.method) AS method,
    coalesce(t.body_format, n.body_format) AS body_format
  FROM webhook_notices n
  JOIN webhook_lanes l ON l.id = n.lane_id
  LEFT JOIN unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS t (event, url, method, body_format) ON t.event = n.event
  WHERE n.service_id = $1 AND n.status <> 'pending' AND ${isChosen}
  ORDER BY n.id
  FOR UPDATE OF n
), placed AS (
  SELECT *, ${queueId} AS lane_id FROM chosen
), queues AS (${takeNumbers('placed')}
), numbered AS (
  SELECT placed.id, lane_id, placed.url, method, body_format,
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
SELECT lane_id AS "queueId", min(url) AS url, count(*)::int AS count FROM requeued GROUP BY lane_id`

const requeueOneStatement = requeueStatement('n.id = $6::uuid')

const isOfPart = `n.created_at >= $6::timestamptz AND n.created_at < $7::timestamptz AND ($8::text IS NULL OR n.status = $8::text)`
const requeuePartStatement = requeueStatement(isOfPart)

/** A delivery of the same moment as the first one is in the same part, so each part takes the time on. */
const partEndStatement = `
SELECT created_at AS "end" FROM webhook_notices
WHERE service_id = $1 AND status <> 'pending' AND created_at > $2::timestamptz AND created_at < $3::timestamptz
  AND ($4::text IS NULL OR status = $4::text)
ORDER BY created_at
OFFSET $5 LIMIT 1`

interface Requeue {
  readonly serviceId: ServiceId
  /** Where the service sends each event now. */
  readonly targets: readonly {
    readonly event: WebhookEvent
    readonly url: string
    readonly method: WebhookMethod
    readonly bodyFormat: WebhookBodyFormat
  }[]
}

/** Has a settled delivery sent again. One that waits keeps its place. */
export async function requeueWebhookDelivery(
  db: Db,
  jobs: WebhookJobs,
  id: WebhookDeliveryId,
  requeue: Requeue,
): Promise<void> {
  await requeueChosen(db, jobs, requeueOneStatement, requeue, [sidToUuid(id)])
}

/**
 * Has settled deliveries of events since a time sent again, and answers how many those are. They are taken part by part, in the order of their times, which
 * is that of each queue: one statement for any number would not end within its time, and all sends would wait for it. When it fails, the parts before stay done.
 */
export async function requeueWebhookDeliveries(
  db: Db,
  jobs: WebhookJobs,
  { since, status = null, ...requeue }: Requeue & ReplayedDeliveries,
  partSize = maxRequeued,
): Promise<number> {
  const [clock] = await db.run<{ now: string }>('SELECT clock_timestamp() AS now', [])
  // What happens from now on is sent anyway.
  const now = toDate(clock!.now)
  let count = 0
  for (let from = since, to: Date; from < now; from = to) {
    const part = [sidToUuid(requeue.serviceId), from.toISOString(), now.toISOString(), status, partSize]
    const [next] = await db.run<{ end: string }>(partEndStatement, part)
    to = next ? toDate(next.end) : now
    count += await requeueChosen(db, jobs, requeuePartStatement, requeue, [
      from.toISOString(),
      to.toISOString(),
      status,
    ])
  }
  return count
}

async function requeueChosen(
  db: Db,
  jobs: WebhookJobs,
  statement: string,
  { serviceId, targets }: Requeue,
  chosen: readonly (string | null)[],
): Promise<number> {
  return db.transaction(async (tx) => {
    const queues = await tx.run<Pick<WebhookQueue, 'queueId' | 'url'> & { count: number }>(statement, [
      sidToUuid(serviceId),
      targets.map(({ event }) => event),
      targets.map(({ url }) => url),
      targets.map(({ method }) => method),
      targets.map(({ bodyFormat }) => bodyFormat),
      ...chosen,
    ])
    await jobs.insert(tx, queues)
    return queues.reduce((sum, { count }) => sum + count, 0)
  })
}

const replayedStatement = `
SELECT n.event, l.url, count(*)::int AS count
FROM (
  SELECT event, lane_id FROM webhook_notices
  WHERE service_id = $1 AND id >= $2::uuid AND created_at >= $3::timestamptz AND status <> 'pending'
    AND ($4::text IS NULL OR status = $4::text)
  ORDER BY id
  LIMIT ${maxCounted + 1}
) AS n
JOIN webhook_lanes l ON l.id = n.lane_id
GROUP BY n.event, l.url`

/** Ids begin with the time of the process that made them. Its clock and the database's are no hour apart. */
const clockMilliseconds = 3_600_000

/** Settled deliveries since a time by event and address, 10,001 at most. */
export async function countSettledSince(
  db: Db,
  serviceId: ServiceId,
  { since, status = null }: ReplayedDeliveries,
): Promise<{ readonly event: WebhookEvent; readonly url: string; readonly count: number }[]> {
  const first = firstSidOf('WN', new Date(Math.max(0, since.getTime() - clockMilliseconds)))
  return db.run(replayedStatement, [sidToUuid(serviceId), sidToUuid(first), since.toISOString(), status])
}
