import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { NoticeStatus } from '../../model/notice.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from '../../model/webhook.ts'
import { instant, sid } from './columns.ts'

/**
 * What one subject has to tell to one endpoint, in order. Its notices are numbered under its lock, which is taken within the
 * transaction of what they tell and after the channel's, so their order is the order of `seq`.
 */
export const noticeLanes = pgTable(
  'webhook_lanes',
  {
    /** Made of the subject and the endpoint. */
    id: uuid('id').primaryKey(),
    subjectId: text('subject_id').notNull(),
    url: text('url').notNull(),
    lastNumber: bigint('last_number', { mode: 'number' }).notNull(),
    /** Up to which number everything has arrived or been given up. */
    doneNumber: bigint('done_number', { mode: 'number' }).notNull().default(0),
    /** When it last got something to tell, or told it. */
    usedAt: instant('used_at').notNull().defaultNow(),
  },
  (table) => [
    index('webhook_lanes_waiting')
      .on(table.id)
      .where(sql`${table.doneNumber} < ${table.lastNumber}`),
  ],
)

export const notices = pgTable(
  'webhook_notices',
  {
    id: sid('id', 'WN').primaryKey(),
    laneId: uuid('lane_id').notNull(),
    number: bigint('number', { mode: 'number' }).notNull(),
    serviceId: sid('service_id', 'IS').notNull(),
    event: text('event').$type<WebhookEvent>().notNull(),
    method: text('method').$type<WebhookMethod>().notNull(),
    bodyFormat: text('body_format').$type<WebhookBodyFormat>().notNull().default('form'),
    /** JSON text of what the webhook is told. */
    parameters: text('parameters').notNull(),
    status: text('status').$type<NoticeStatus>().notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    answerStatus: integer('answer_status'),
    answer: text('answer'),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** When it was put at the end of its lane: what the time for attempts is counted from. */
    queuedAt: instant('queued_at').notNull().defaultNow(),
    attemptedAt: instant('attempted_at'),
  },
  (table) => [
    uniqueIndex('webhook_notices_lane').on(table.laneId, table.number),
    index('webhook_notices_service').on(table.serviceId, table.id),
    index('webhook_notices_created')
      .on(table.createdAt)
      .where(sql`${table.status} <> 'pending'`),
  ],
)
