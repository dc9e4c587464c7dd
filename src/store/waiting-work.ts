import { toDateOrNull, type Db } from './engine/db.ts'

/** Queues whose oldest delivery is looked up: one look at an index each. */
const maxQueues = 1000

/** What is counted at most. */
const maxCounted = 10_000

/** Work in the database that waits for a process, of all processes together. Times are those since when the oldest waits. */
export interface WaitingWork {
  readonly deliveries: number
  /** Of a thousand queues. */
  readonly deliverySince: Date | null
  /** Messages whose time has come, up to 10,000. */
  readonly scheduled: number
  readonly scheduledSince: Date | null
  /** The same of reminders. */
  readonly reminders: number
  readonly reminderSince: Date | null
  /** The database's time. */
  readonly now: Date
}

/** Each of its parts is answered by an index that has nothing but what waits. */
export const waitingWorkStatement = `
SELECT
  (SELECT coalesce(sum(last_number - done_number), 0)::float8 FROM webhook_lanes WHERE done_number < last_number) AS deliveries,
  (
    SELECT min(first.queued_at)
    FROM (SELECT id, done_number FROM webhook_lanes WHERE done_number < last_number LIMIT ${maxQueues}) AS queue
    CROSS JOIN LATERAL (
      SELECT queued_at FROM webhook_notices
      WHERE lane_id = queue.id AND number > queue.done_number
      ORDER BY number LIMIT 1
    ) AS first
  ) AS delivery_since,
  scheduled.*,
  reminders.*,
  clock_timestamp() AS now
FROM (
  SELECT count(*)::int AS scheduled, min(due_at) AS scheduled_since
  FROM (
    SELECT due_at FROM scheduled_messages WHERE due_at IS NOT NULL AND due_at <= now() ORDER BY due_at LIMIT ${maxCounted}
  ) AS due
) AS scheduled, (
  SELECT count(*)::int AS reminders, min(remind_at) AS reminder_since
  FROM (
    SELECT remind_at FROM saved_messages
    WHERE remind_at IS NOT NULL AND reminded_at IS NULL AND removed_at IS NULL AND remind_at <= now()
    ORDER BY remind_at LIMIT ${maxCounted}
  ) AS due
) AS reminders`

export async function readWaitingWork(db: Pick<Db, 'run'>): Promise<WaitingWork> {
  const [row] = await db.run<{
    deliveries: number
    delivery_since: string | null
    scheduled: number
    scheduled_since: string | null
    reminders: number
    reminder_since: string | null
    now: string
  }>(waitingWorkStatement, [])
  return {
    deliveries: row!.deliveries,
    deliverySince: toDateOrNull(row!.delivery_since),
    scheduled: row!.scheduled,
    scheduledSince: toDateOrNull(row!.scheduled_since),
    reminders: row!.reminders,
    reminderSince: toDateOrNull(row!.reminder_since),
    now: new Date(row!.now),
  }
}
