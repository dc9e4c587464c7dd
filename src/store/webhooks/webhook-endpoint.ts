import { firstSidOf, sidToUuid, type ServiceId } from '../../model/sid.ts'
import type { WebhookEvent } from '../../model/webhook.ts'
import { toDate, type Db } from '../engine/db.ts'
import type { ReplayedDeliveries } from './webhook-delivery.ts'

/** Queues that are looked at: one look at an index each. */
const maxQueues = 10_000

/** What is listed, and what is counted, at most. */
const maxEndpoints = 1000
export const maxCounted = 10_000

/** What waits for one address, of one service. */
export interface WaitingForEndpoint {
  readonly url: string
  readonly deliveries: number
  readonly queues: number
  /** Queues whose first delivery was attempted and has not arrived. */
  readonly failingQueues: number
  /** When the delivery that waits longest was queued. */
  readonly since: Date
}

const waitingStatement = `
SELECT queue.url, sum(queue.waiting)::float8 AS deliveries, count(*)::int AS queues,
  count(*) FILTER (WHERE first.attempts > 0)::int AS failing_queues, min(first.queued_at) AS since
FROM (
  SELECT id, url, done_number, last_number - done_number AS waiting
  FROM webhook_lanes WHERE done_number < last_number LIMIT ${maxQueues}
) AS queue
CROSS JOIN LATERAL (
  SELECT service_id, attempts, queued_at FROM webhook_notices
  WHERE lane_id = queue.id AND number > queue.done_number
  ORDER BY number LIMIT 1
) AS first
WHERE first.service_id = $1
GROUP BY queue.url
ORDER BY queue.url
LIMIT ${maxEndpoints}`

/** What waits of a service, by address, as far as it is among the first 10,000 queues of all services. */
export async function readWaitingForEndpoints(db: Db, serviceId: ServiceId): Promise<WaitingForEndpoint[]> {
  const rows = await db.run<{
    url: string
    deliveries: number
    queues: number
    failing_queues: number
    since: string
  }>(waitingStatement, [sidToUuid(serviceId)])
  return rows.map(({ url, deliveries, queues, failing_queues: failingQueues, since }) => ({
    url,
    deliveries,
    queues,
    failingQueues,
    since: toDate(since),
  }))
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
