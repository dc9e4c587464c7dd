import { uuidToSid } from '../../model/sid.ts'
import type { WebhookDelivery } from '../../model/webhook-delivery.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from '../../model/webhook.ts'
import { toDate, type Db } from '../engine/db.ts'
import type { WebhookJob, WebhookJobs } from './webhook-job.ts'

/** A delivery that is to be attempted. */
export interface DueDelivery extends Pick<
  WebhookDelivery,
  'id' | 'serviceId' | 'method' | 'bodyFormat' | 'event' | 'parameters' | 'attempts' | 'queuedAt'
> {
  readonly number: number
  readonly traceparent: string | null
}

const dueStatement = `
SELECT n.id, n.number, n.service_id, n.method, n.body_format, n.event, n.parameters, n.attempts, n.queued_at,
  n.traceparent
FROM webhook_lanes l JOIN webhook_notices n ON n.lane_id = l.id AND n.number > l.done_number
WHERE l.id = $1
ORDER BY n.number
LIMIT $2::int`

/** The deliveries of a queue that are not settled, in order. */
export async function readDueDeliveries(db: Db, queueId: string, max: number): Promise<DueDelivery[]> {
  const rows = await db.run<{
    id: string
    number: number
    service_id: string
    method: WebhookMethod
    body_format: WebhookBodyFormat
    event: WebhookEvent
    parameters: string
    attempts: number
    queued_at: string
    traceparent: string | null
  }>(dueStatement, [queueId, max])
  return rows.map((row) => ({
    id: uuidToSid('WN', row.id),
    number: row.number,
    serviceId: uuidToSid('IS', row.service_id),
    method: row.method,
    bodyFormat: row.body_format,
    event: row.event,
    parameters: row.parameters,
    attempts: row.attempts,
    queuedAt: toDate(row.queued_at),
    traceparent: row.traceparent,
  }))
}

/** How an attempt ended. */
export interface Attempt {
  readonly number: number
  /** How many attempts there were before. */
  readonly attempts: number
  readonly status: WebhookDelivery['status']
  readonly answerStatus: number | null
  readonly answer: string
}

const settleStatement = `
WITH delivery AS (
  UPDATE webhook_notices
  SET status = $4, attempts = attempts + 1, answer_status = $5, answer = $6, attempted_at = now()
  WHERE lane_id = $1 AND number = $2::bigint AND status = 'pending' AND attempts = $3::int
  RETURNING lane_id, number, status
)
UPDATE webhook_lanes l
SET done_number = CASE WHEN delivery.status = 'pending' THEN done_number ELSE number END, used_at = now()
FROM delivery
WHERE l.id = delivery.lane_id
RETURNING l.id`

/** Records an attempt. False, and nothing recorded, when another process has recorded one meanwhile: the queue is its. */
export async function settleDelivery(db: Db, queueId: string, attempt: Attempt): Promise<boolean> {
  const { number, attempts, status, answerStatus, answer } = attempt
  const values = [queueId, number, attempts, status, answerStatus, answer]
  return (await db.run(settleStatement, values)).length > 0
}

/** Waits for deliveries that are being written, and sees them. */
const lockStatement = `SELECT done_number < last_number AS "hasMore" FROM webhook_lanes WHERE id = $1 FOR UPDATE`

/** Ends a queue's job, unless more deliveries wait. */
export async function finishQueue(db: Db, jobs: WebhookJobs, job: WebhookJob): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [queue] = await tx.run<{ hasMore: boolean }>(lockStatement, [job.queueId])
    if (queue?.hasMore) return false
    await jobs.delete(tx, job)
    return true
  })
}

const waitingStatement = `SELECT FROM webhook_lanes WHERE done_number < last_number LIMIT 1`

/** Whether any delivery waits. */
export async function hasWaitingQueues(db: Db): Promise<boolean> {
  return (await db.run(waitingStatement, [])).length > 0
}
