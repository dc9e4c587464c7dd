import { sidToUuid, type ServiceId } from '../../model/sid.ts'
import { toDate, type Db } from '../engine/db.ts'

/** Queues that are looked at: one look at an index each. */
const maxQueues = 10_000

/** What is listed at most. */
const maxEndpoints = 1000

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
