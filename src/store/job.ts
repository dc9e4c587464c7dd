import { and, eq, isNull, sql } from 'drizzle-orm'
import { knownTaskFields, type Job } from '../model/job.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid, uuidToSid, type AccountId, type JobId, type ServiceId } from '../model/sid.ts'
import { deleteBefore } from './engine/batch.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { sidOfNow } from './tables/columns.ts'
import { jobs } from './tables/job.ts'

export type NewJob = Pick<
  Job,
  | 'accountId'
  | 'serviceId'
  | 'id'
  | 'task'
  | 'total'
  | 'checkpoint'
  | 'webhookSwitch'
  | 'credentialId'
  | 'consoleSessionId'
>

/** Columns round to milliseconds, and what is due now must not be due in the future. */
const dueNow = `date_trunc('milliseconds', clock_timestamp())`

/** Its SID is made anew, by the time of the database. It can be claimed at once. */
export async function insertJob(tx: Tx, job: NewJob): Promise<Job> {
  const now = sql.raw(dueNow)
  const [row] = await tx.orm
    .insert(jobs)
    .values({ ...job, id: sidOfNow(job.id), errors: [], dueAt: now, createdAt: now })
    .returning()
  return row!
}

/** How many jobs of an account have not ended. */
export async function countOpenJobs(tx: Tx, accountId: AccountId): Promise<number> {
  return tx.orm.$count(jobs, and(eq(jobs.accountId, accountId), isNull(jobs.endedAt)))
}

export async function readJob(db: Db, id: JobId): Promise<Job | undefined> {
  const [row] = await db.orm.select().from(jobs).where(eq(jobs.id, id))
  return row
}

/** One page of a service's jobs by id, newest first. */
export async function readJobPage(db: Db, serviceId: ServiceId, page: Page<JobId>): Promise<Job[]> {
  const turned = newestFirst(page)
  return db.orm
    .select()
    .from(jobs)
    .where(and(eq(jobs.serviceId, serviceId), isInPage(jobs.id, turned)))
    .orderBy(pageOrder(jobs.id, turned))
    .limit(page.size + 1)
}

/** When the next job can be claimed. */
export async function readNextJobDue(db: Db): Promise<Date | undefined> {
  const [row] = await db.run<{ next: string | null }>(
    'SELECT min(due_at) AS next FROM jobs WHERE due_at IS NOT NULL',
    [],
  )
  return row?.next == null ? undefined : new Date(row.next)
}

/** Of a row of jobs, with the fields that are known as `$1`. */
const isKnown = `
($1::jsonb -> (task ->> 'kind')) ?& ARRAY(SELECT json_object_keys(task) UNION ALL SELECT json_object_keys(task -> 'filter'))`
const knownFields = JSON.stringify(knownTaskFields)

/** By places in the table, which the lock keeps from changing. */
const claimStatement = `
UPDATE jobs SET state = 'running', due_at = clock_timestamp() + make_interval(secs => $2::float8), claims = claims + 1, stalls = stalls + 1,
  started_at = coalesce(started_at, clock_timestamp())
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM jobs WHERE due_at <= clock_timestamp() AND ${isKnown} ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
))
RETURNING id`

/**
 * Claims the job that waits longest, for so many seconds. What another process claims at the same time is left alone, and so is a job whose task only a
 * newer version knows.
 */
export async function claimJob(db: Db, leaseSeconds: number): Promise<Job | undefined> {
  const [claimed] = await db.run<{ id: string }>(claimStatement, [knownFields, leaseSeconds])
  return claimed && readJob(db, uuidToSid('JB', claimed.id))
}

const waitingStatement = `
SELECT EXISTS (SELECT FROM jobs WHERE due_at <= clock_timestamp() AND account_id <> $2::uuid AND ${isKnown}) AS "isWaiting"`

/** Whether a job of another account could be claimed. */
export async function isOtherAccountWaiting(db: Db, accountId: AccountId): Promise<boolean> {
  const [row] = await db.run<{ isWaiting: boolean }>(waitingStatement, [knownFields, sidToUuid(accountId)])
  return row!.isWaiting
}

/** All get the same time, and so keep the order in which they came among themselves. */
const passTurnStatement = `
UPDATE jobs SET due_at = date_trunc('milliseconds', statement_timestamp()) WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM jobs WHERE account_id = $1::uuid AND ended_at IS NULL AND state = 'queued' AND due_at <= statement_timestamp()
  FOR UPDATE SKIP LOCKED
))`

/** Puts the waiting jobs of an account that has had its turn behind those of all others. */
export async function passTurn(db: Db, accountId: AccountId): Promise<void> {
  await db.run(passTurnStatement, [sidToUuid(accountId)])
}

/** Only while the claim is the writer's own. A job that is cancelled meanwhile ends here; one that is over is over. */
const saveStatement = `
UPDATE jobs SET
  checkpoint = $3::json, done = $4::int, failed = $5::int, skipped = $12::int, errors = $6::json, stalls = CASE WHEN $7::boolean THEN 0 ELSE stalls END,
  state = outcome.state, failure_code = $9, failure_reason = $10,
  due_at = CASE WHEN outcome.state IN ('queued', 'running') THEN ${dueNow} + make_interval(secs => $11::float8) END,
  ended_at = CASE WHEN outcome.state IN ('queued', 'running') THEN NULL ELSE clock_timestamp() END
FROM (
  SELECT CASE WHEN is_cancelling AND $8::text IN ('queued', 'running') THEN 'cancelled' ELSE $8::text END AS state
  FROM jobs WHERE id = $1::uuid FOR UPDATE
) AS outcome
WHERE id = $1::uuid AND claims = $2::int AND jobs.state = 'running'
RETURNING jobs.state`

export interface JobProgress extends Pick<Job, 'state' | 'checkpoint' | 'done' | 'failed' | 'skipped' | 'errors'> {
  /** Whether it has come further since the claim. */
  readonly isForward: boolean
  readonly failureCode?: string
  readonly failureReason?: string
  /** When it can be claimed again, in seconds from now. */
  readonly dueSeconds: number
}

/** Writes how far a claimed job has come. Answers the state that it has; undefined when another process has claimed it. */
export async function saveJob(
  db: Db,
  { id, claims }: Pick<Job, 'id' | 'claims'>,
  progress: JobProgress,
): Promise<Job['state'] | undefined> {
  const { checkpoint, done, failed, skipped, errors, isForward, state, failureCode, failureReason, dueSeconds } =
    progress
  const [saved] = await db.run<{ state: Job['state'] }>(saveStatement, [
    sidToUuid(id),
    claims,
    JSON.stringify(checkpoint),
    done,
    failed,
    JSON.stringify(errors),
    isForward,
    state,
    failureCode ?? null,
    failureReason ?? null,
    dueSeconds,
    skipped,
  ])
  return saved?.state
}

/** Has a job that has not ended cancelled: at once where nobody works on it, or else after the step that is under way. */
export async function cancelJobRow(db: Db, id: JobId): Promise<Job | undefined> {
  const isQueued = sql`${jobs.state} = 'queued'`
  const [row] = await db.orm
    .update(jobs)
    .set({
      isCancelling: true,
      state: sql`CASE WHEN ${isQueued} THEN 'cancelled' ELSE ${jobs.state} END`,
      dueAt: sql`CASE WHEN ${isQueued} THEN NULL ELSE ${jobs.dueAt} END`,
      endedAt: sql`CASE WHEN ${isQueued} THEN clock_timestamp() END`,
    })
    .where(and(eq(jobs.id, id), isNull(jobs.endedAt)))
    .returning()
  return row
}

const endedStatement = `
DELETE FROM jobs WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM jobs WHERE ended_at < $1::timestamptz ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
RETURNING 1`

/** Deletes jobs that ended before a time. Answers how many. */
export function deleteEndedJobs(db: Db, before: Date): Promise<number> {
  return deleteBefore(db, endedStatement, before)
}
