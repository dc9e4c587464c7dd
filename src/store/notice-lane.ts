import { isNotNull } from 'drizzle-orm'
import type { Notice } from '../model/notice.ts'
import { uuidToSid } from '../model/sid.ts'
import type { WebhookEvent, WebhookMethod } from '../model/webhook.ts'
import { toDate, type Db } from './db.ts'
import { noticeLanes } from './tables/notice.ts'

/** Who holds a lane, and for how long: longer than one attempt takes. */
export interface Lease {
  readonly laneId: string
  readonly holder: string
  readonly url: string
}

const leaseStatement = `
UPDATE webhook_lanes SET leased_by = $1, leased_until = now() + $2::int * interval '1 ms'
WHERE id = (
  SELECT id FROM webhook_lanes
  WHERE done_number < last_number AND due_at <= now() AND (leased_until IS NULL OR leased_until < now())
    AND url <> ALL ($3::text[])
  ORDER BY due_at
  LIMIT 1
  FOR UPDATE SKIP LOCKED
)
RETURNING id, url`

/** Takes a lane that has something to tell and that nobody holds, to none of these endpoints; undefined where there is none. */
export async function leaseLane(
  db: Db,
  holder: string,
  milliseconds: number,
  exceptUrls: readonly string[],
): Promise<Lease | undefined> {
  const [row] = await db.run<{ id: string; url: string }>(leaseStatement, [holder, milliseconds, [...exceptUrls]])
  return row && { laneId: row.id, holder, url: row.url }
}

/** The first of a lane, as it is told. */
export interface DueNotice extends Pick<
  Notice,
  'id' | 'serviceId' | 'method' | 'event' | 'parameters' | 'attempts' | 'queuedAt'
> {
  readonly number: number
}

const dueStatement = `
SELECT n.id, n.number, n.service_id, n.method, n.event, n.parameters, n.attempts, n.queued_at
FROM webhook_lanes l JOIN webhook_notices n ON n.lane_id = l.id AND n.number > l.done_number
WHERE l.id = $1 AND l.leased_by = $2
ORDER BY n.number
LIMIT $3::int`

/** What a lane that is held has to tell, in order. */
export async function readDueNotices(db: Db, { laneId, holder }: Lease, most: number): Promise<DueNotice[]> {
  const rows = await db.run<{
    id: string
    number: number
    service_id: string
    method: WebhookMethod
    event: WebhookEvent
    parameters: string
    attempts: number
    queued_at: string
  }>(dueStatement, [laneId, holder, most])
  return rows.map((row) => ({
    id: uuidToSid('WN', row.id),
    number: row.number,
    serviceId: uuidToSid('IS', row.service_id),
    method: row.method,
    event: row.event,
    parameters: row.parameters,
    attempts: row.attempts,
    queuedAt: toDate(row.queued_at),
  }))
}

/** How an attempt ended, and what comes of it. */
export interface Attempt {
  readonly number: number
  readonly status: Notice['status']
  readonly answerStatus: number | null
  readonly answer: string
  /** Until the next attempt, in milliseconds. */
  readonly wait: number
  /** For how long the lane is still held. */
  readonly leaseMilliseconds: number
}

const settleStatement = `
WITH lane AS (
  UPDATE webhook_lanes
  SET done_number = CASE WHEN $3::text = 'pending' THEN done_number ELSE $4::bigint END,
      due_at = date_trunc('milliseconds', now()) + $5::int * interval '1 ms',
      leased_until = now() + $6::int * interval '1 ms'
  WHERE id = $1 AND leased_by = $2
  RETURNING id
)
UPDATE webhook_notices n
SET status = $3, attempts = attempts + 1, answer_status = $7, answer = $8, attempted_at = now()
FROM lane
WHERE n.lane_id = lane.id AND n.number = $4::bigint
RETURNING n.number`

/** Writes down an attempt. False when the lane is not held any more: then nothing is written, and the next holder tries again. */
export async function settleNotice(db: Db, { laneId, holder }: Lease, attempt: Attempt): Promise<boolean> {
  const { number, status, wait, leaseMilliseconds, answerStatus, answer } = attempt
  const values = [laneId, holder, status, number, wait, leaseMilliseconds, answerStatus, answer]
  return (await db.run(settleStatement, values)).length > 0
}

const releaseStatement = `
UPDATE webhook_lanes SET leased_by = NULL, leased_until = NULL, due_at = greatest(due_at, now() + $3::int * interval '1 ms')
WHERE id = $1 AND leased_by = $2`

/** Lets go of a lane; for so long it is not looked at again. */
export async function releaseLane(db: Db, { laneId, holder }: Lease, milliseconds: number): Promise<void> {
  await db.run(releaseStatement, [laneId, holder, milliseconds])
}

/** Lets go of all lanes: what a process held that cannot be there any more. */
export async function releaseAllLanes(db: Db): Promise<void> {
  await db.orm.update(noticeLanes).set({ leasedBy: null, leasedUntil: null }).where(isNotNull(noticeLanes.leasedBy))
}
