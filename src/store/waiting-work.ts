import type { Db } from './engine/db.ts'

/** Queues whose oldest delivery is looked up: one look at an index each. */
const maxQueues = 1000

/** What is counted at most. */
const maxCounted = 10_000

/** Work in the database that waits for a process, of all processes together. Seconds are those for which the oldest has waited; 0 when none waits. */
export interface WaitingWork {
  readonly webhookDeliveries: number
  /** Of a thousand queues. */
  readonly oldestWebhookDeliverySeconds: number
  /** Messages whose time has come, up to 10,000. */
  readonly scheduledOverdue: number
  readonly scheduledOverdueSeconds: number
  /** The same of reminders. */
  readonly remindersOverdue: number
  readonly remindersOverdueSeconds: number
}

/** Each of its parts is answered by an index that has nothing but what waits. */
export const waitingWorkStatement = `
SELECT
  (SELECT coalesce(sum(last_number - done_number), 0)::float8 FROM webhook_lanes WHERE done_number < last_number) AS webhook_deliveries,
  (
    SELECT min(first.queued_at)
    FROM (SELECT id, done_number FROM webhook_lanes WHERE done_number < last_number LIMIT ${maxQueues}) AS queue
    CROSS JOIN LATERAL (
      SELECT queued_at FROM webhook_notices
      WHERE lane_id = queue.id AND number > queue.done_number
      ORDER BY number LIMIT 1
    ) AS first
  ) AS webhook_delivery_since,
  scheduled.*,
  reminders.*,
  clock_timestamp() AS now
FROM (
  SELECT count(*)::int AS scheduled_overdue, min(due_at) AS scheduled_since
  FROM (
    SELECT due_at FROM scheduled_messages WHERE due_at IS NOT NULL AND due_at <= now() ORDER BY due_at LIMIT ${maxCounted}
  ) AS due
) AS scheduled, (
  SELECT count(*)::int AS reminders_overdue, min(remind_at) AS reminder_since
  FROM (
    SELECT remind_at FROM saved_messages
    WHERE remind_at IS NOT NULL AND reminded_at IS NULL AND removed_at IS NULL AND remind_at <= now()
    ORDER BY remind_at LIMIT ${maxCounted}
  ) AS due
) AS reminders`

export async function readWaitingWork(db: Pick<Db, 'run'>): Promise<WaitingWork> {
  const [row] = await db.run<{
    webhook_deliveries: number
    webhook_delivery_since: string | null
    scheduled_overdue: number
    scheduled_since: string | null
    reminders_overdue: number
    reminder_since: string | null
    now: string
  }>(waitingWorkStatement, [])
  const now = Date.parse(row!.now)
  const secondsSince = (since: string | null): number =>
    since === null ? 0 : Math.max(0, now - Date.parse(since)) / 1000
  return {
    webhookDeliveries: row!.webhook_deliveries,
    oldestWebhookDeliverySeconds: secondsSince(row!.webhook_delivery_since),
    scheduledOverdue: row!.scheduled_overdue,
    scheduledOverdueSeconds: secondsSince(row!.scheduled_since),
    remindersOverdue: row!.reminders_overdue,
    remindersOverdueSeconds: secondsSince(row!.reminder_since),
  }
}
