import { bigint, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { RefusalKind } from '../../model/rate-limit.ts'
import { instant } from './columns.ts'

/** The processes that have worked on this database lately. */
export const processes = pgTable(
  'processes',
  {
    id: uuid('id').primaryKey(),
    host: text('host').notNull(),
    pid: integer('pid').notNull(),
    /** Null where it is alone on its machine. */
    worker: integer('worker'),
    version: text('version').notNull(),
    startedAt: instant('started_at').notNull(),
    /** When it last wrote a minute. */
    seenAt: instant('seen_at').notNull(),
    /** When it has stopped in order. */
    stoppedAt: instant('stopped_at'),
  },
  (table) => [index('processes_seen').on(table.seenAt)],
)

/** What each process did, minute by minute. */
export const processMinutes = pgTable(
  'process_minutes',
  {
    processId: uuid('process_id').notNull(),
    /** Its beginning. */
    minute: instant('minute').notNull(),
    /** For how long was counted: less than a minute where the process began or stopped in it, and in the one that is under way. */
    seconds: doublePrecision('seconds').notNull(),
    connections: integer('connections').notNull(),
    subscriptions: integer('subscriptions').notNull(),
    sends: bigint('sends', { mode: 'number' }).notNull(),
    deliveries: bigint('deliveries', { mode: 'number' }).notNull(),
    /** Null where nothing was delivered. */
    deliveryP50Ms: doublePrecision('delivery_p50_ms'),
    deliveryP99Ms: doublePrecision('delivery_p99_ms'),
    eventLoopLagP99Ms: doublePrecision('event_loop_lag_p99_ms').notNull(),
    poolSize: integer('pool_size').notNull(),
    poolInUse: integer('pool_in_use').notNull(),
    poolWaiting: integer('pool_waiting').notNull(),
    poolLongestWaitMs: doublePrecision('pool_longest_wait_ms').notNull(),
    memoryBytes: bigint('memory_bytes', { mode: 'number' }).notNull(),
    /** Of each kind that was met. */
    refusals: jsonb('refusals').$type<Readonly<Partial<Record<RefusalKind, number>>>>().notNull(),
    sweepAgeMs: doublePrecision('sweep_age_ms').notNull(),
    /** What waited in the database for any process. */
    webhooksWaiting: bigint('webhooks_waiting', { mode: 'number' }).notNull(),
    scheduledOverdue: integer('scheduled_overdue').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.processId, table.minute] }),
    // By which the cleanup finds what is old.
    index('process_minutes_minute').on(table.minute),
  ],
)
