import { sql } from 'drizzle-orm'
import { boolean, index, integer, json, pgTable, text } from 'drizzle-orm/pg-core'
import type { JobCheckpoint, JobError, JobState, JobTask } from '../../model/job.ts'
import { instant, sid } from './columns.ts'

export const jobs = pgTable(
  'jobs',
  {
    accountId: sid('account_id', 'AC').notNull(),
    serviceId: sid('service_id', 'IS').notNull(),
    id: sid('id', 'JB').primaryKey(),
    task: json('task').$type<JobTask>().notNull(),
    state: text('state').$type<JobState>().notNull().default('queued'),
    isCancelling: boolean('is_cancelling').notNull().default(false),
    total: integer('total'),
    done: integer('done').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    skipped: integer('skipped').notNull().default(0),
    errors: json('errors').$type<readonly JobError[]>().notNull(),
    checkpoint: json('checkpoint').$type<JobCheckpoint>().notNull(),
    webhookSwitch: boolean('webhook_switch'),
    credentialId: text('credential_id').notNull(),
    consoleSessionId: text('console_session_id'),
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
    /** When a process is to claim it: at once, and when a claim has ended without a result. Null when it has ended. */
    dueAt: instant('due_at'),
    claims: integer('claims').notNull().default(0),
    stalls: integer('stalls').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('jobs_service').on(table.serviceId, table.id),
    index('jobs_due')
      .on(table.dueAt)
      .where(sql`${table.dueAt} IS NOT NULL`),
    /** What is counted when another one is started. */
    index('jobs_open')
      .on(table.accountId)
      .where(sql`${table.endedAt} IS NULL`),
    /** What the cleanup looks for. */
    index('jobs_ended')
      .on(table.endedAt)
      .where(sql`${table.endedAt} IS NOT NULL`),
  ],
)
