import type { Db } from './engine/db.ts'
import { readWaitingWork, type WaitingWork } from './waiting-work.ts'

/** What is counted at most. */
const maxCounted = 10_000

/** What waits in the database, and what has failed there. */
export interface QueueStatus extends WaitingWork {
  /** Queues of webhook deliveries with something in them. */
  readonly webhookQueues: number
  /** Webhook deliveries of the last day that were given up. */
  readonly deadWebhookDeliveries: number
  /** Messages that are to be sent later, those that are due included. */
  readonly scheduledMessages: number
}

/** Each of its parts is answered by an index that has nothing but what is counted. */
const queueStatement = `
SELECT
  (SELECT count(*)::int FROM (SELECT FROM webhook_lanes WHERE done_number < last_number LIMIT ${maxCounted}) AS queue) AS "webhookQueues",
  (
    SELECT count(*)::int FROM (
      SELECT FROM webhook_notices WHERE status = 'dead' AND created_at > now() - interval '1 day' LIMIT ${maxCounted}
    ) AS dead
  ) AS "deadWebhookDeliveries",
  (SELECT count(*)::int FROM (SELECT FROM scheduled_messages WHERE due_at IS NOT NULL LIMIT ${maxCounted}) AS scheduled) AS "scheduledMessages"`

export async function readQueueStatus(db: Pick<Db, 'run'>): Promise<QueueStatus> {
  const waiting = await readWaitingWork(db)
  const [row] = await db.run<Omit<QueueStatus, keyof WaitingWork>>(queueStatement, [])
  return { ...waiting, ...row! }
}
