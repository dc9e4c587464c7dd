import { and, asc, desc, eq, gte, sql } from 'drizzle-orm'
import { deleteBefore } from './engine/batch.ts'
import type { Db } from './engine/db.ts'
import { processes, processMinutes } from './tables/process.ts'
import { waitingWorkStatement } from './waiting-work.ts'

export type ProcessMinute = typeof processMinutes.$inferSelect

/** What a process knows by itself of what it did. */
export type MinuteFigures = Omit<ProcessMinute, 'processId' | 'minute' | 'webhooksWaiting' | 'scheduledOverdue'>

type ProcessRow = typeof processes.$inferSelect

/** What does not change while a process runs. */
export type NewProcess = Omit<ProcessRow, 'seenAt' | 'stoppedAt'>

/** A process writes each minute. After so long without a row it has died, hangs or does not reach the database. */
export const silentSeconds = 150

/** A process with the last minute that it has written. */
export interface SeenProcess extends ProcessRow {
  readonly latest: ProcessMinute | null
}

/** In the order of the statement's parameters. */
const figureColumns: readonly (readonly [figure: keyof MinuteFigures, column: string, type: string])[] = [
  ['seconds', 'seconds', 'float8'],
  ['connections', 'connections', 'int'],
  ['subscriptions', 'subscriptions', 'int'],
  ['sends', 'sends', 'bigint'],
  ['deliveries', 'deliveries', 'bigint'],
  ['deliveryP50Ms', 'delivery_p50_ms', 'float8'],
  ['deliveryP99Ms', 'delivery_p99_ms', 'float8'],
  ['eventLoopLagP99Ms', 'event_loop_lag_p99_ms', 'float8'],
  ['poolSize', 'pool_size', 'int'],
  ['poolInUse', 'pool_in_use', 'int'],
  ['poolWaiting', 'pool_waiting', 'int'],
  ['poolLongestWaitMs', 'pool_longest_wait_ms', 'float8'],
  ['memoryBytes', 'memory_bytes', 'bigint'],
  ['refusals', 'refusals', 'jsonb'],
  ['sweepAgeMs', 'sweep_age_ms', 'float8'],
]
const written = [...figureColumns.map(([, column]) => column), 'webhooks_waiting', 'scheduled_overdue']

/**
 * A minute of which the last part is lost is no loss: so its commit waits neither for the disk nor for a standby, which would hold up whoever uses the
 * same connection.
 */
const writeStatement = `
WITH session AS (
  SELECT set_config('synchronous_commit', 'off', true)
), seen AS (
  INSERT INTO processes (id, host, pid, worker, version, started_at, seen_at, stopped_at)
  SELECT $1::uuid, $2, $3::int, $4::int, $5, $6::timestamptz, clock_timestamp(), CASE WHEN $7::boolean THEN clock_timestamp() END FROM session
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, stopped_at = excluded.stopped_at
)
INSERT INTO process_minutes (process_id, minute, ${written.join(', ')})
SELECT $1::uuid, $8::timestamptz, ${figureColumns.map(([, , type], at) => `$${at + 9}::${type}`).join(', ')},
  waiting.webhook_deliveries::bigint, waiting.scheduled_overdue
FROM session, (${waitingWorkStatement}) AS waiting
ON CONFLICT (process_id, minute) DO UPDATE SET ${written.map((column) => `${column} = excluded.${column}`).join(', ')}`

/** Writes what a process did in a minute, again where it has before: the minute is under way. One statement. */
export async function writeProcessMinute(
  db: Pick<Db, 'run'>,
  process: NewProcess,
  minute: Date,
  figures: MinuteFigures,
  hasStopped: boolean,
): Promise<void> {
  const { id, host, pid, worker, version, startedAt } = process
  await db.run(writeStatement, [
    id,
    host,
    pid,
    worker,
    version,
    startedAt.toISOString(),
    hasStopped,
    minute.toISOString(),
    ...figureColumns.map(([figure]) => (figure === 'refusals' ? JSON.stringify(figures.refusals) : figures[figure])),
  ])
}

/** The processes that have written a minute since a time, those first that have done so last. */
export async function readProcesses(db: Db, since: Date, limit: number): Promise<SeenProcess[]> {
  const latest = db.orm
    .select()
    .from(processMinutes)
    .where(eq(processMinutes.processId, processes.id))
    .orderBy(desc(processMinutes.minute))
    .limit(1)
    .as('latest')
  const rows = await db.orm
    .select()
    .from(processes)
    .leftJoinLateral(latest, sql`true`)
    .where(gte(processes.seenAt, since))
    .orderBy(desc(processes.seenAt))
    .limit(limit)
  return rows.map(({ processes: process, latest: minute }) => ({ ...process, latest: minute }))
}

/** The minutes of some processes since a time, of each in their order. */
export async function readProcessMinutes(
  db: Db,
  ids: readonly string[],
  since: Date,
  limit: number,
): Promise<ProcessMinute[]> {
  return db.orm
    .select()
    .from(processMinutes)
    .where(
      and(sql`${processMinutes.processId} = ANY (${`{${ids.join()}}`}::uuid[])`, gte(processMinutes.minute, since)),
    )
    .orderBy(asc(processMinutes.processId), asc(processMinutes.minute))
    .limit(limit)
}

const oldStatement = (table: string, column: string): string => `
DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM ${table} WHERE ${column} < $1::timestamptz ORDER BY ${column} LIMIT $2 FOR UPDATE SKIP LOCKED
))
RETURNING 1`

/** Deletes what processes did before a time, and those that have done nothing since. Answers how many rows. */
export async function deleteProcessMinutes(db: Db, before: Date): Promise<number> {
  const minutes = await deleteBefore(db, oldStatement('process_minutes', 'minute'), before)
  return minutes + (await deleteBefore(db, oldStatement('processes', 'seen_at'), before))
}
