import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { WebhookDeliveryStatus } from '../../model/webhook-delivery.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod } from '../../model/webhook.ts'
import { instant, sid } from './columns.ts'

/**
 * An ordered queue: the deliveries of one subject to one endpoint, numbered under the lock of its row. The lock is taken within the
 * transaction of what they report and after the channel's, so their order is the order of `seq`.
 *
 * The database keeps the first names of both tables and of `lane_id`: a rename would break servers of the version before, which run beside
 * new ones while a cluster is updated.
 */
export const webhookQueues = pgTable(
  'webhook_lanes',
  {
    /** Made of the subject and the endpoint. */
    id: uuid('id').primaryKey(),
    subjectId: text('subject_id').notNull(),
    url: text('url').notNull(),
    lastNumber: bigint('last_number', { mode: 'number' }).notNull(),
    /** All deliveries up to this number have arrived or been given up. */
    doneNumber: bigint('done_number', { mode: 'number' }).notNull().default(0),
    /** When a delivery was last added or attempted. */
    usedAt: instant('used_at').notNull().defaultNow(),
  },
  (table) => [
    index('webhook_lanes_waiting')
      .on(table.id)
      .where(sql`${table.doneNumber} < ${table.lastNumber}`),
    index('webhook_lanes_subject').on(table.subjectId),
  ],
)

export const webhookDeliveries = pgTable(
  'webhook_notices',
  {
    id: sid('id', 'WN').primaryKey(),
    queueId: uuid('lane_id').notNull(),
    number: bigint('number', { mode: 'number' }).notNull(),
    serviceId: sid('service_id', 'IS').notNull(),
    event: text('event').$type<WebhookEvent>().notNull(),
    method: text('method').$type<WebhookMethod>().notNull(),
    bodyFormat: text('body_format').$type<WebhookBodyFormat>().notNull().default('form'),
    /** The parameters of the webhook, as JSON text. */
    parameters: text('parameters').notNull(),
    status: text('status').$type<WebhookDeliveryStatus>().notNull().default('pending'),
    /** The W3C header of what caused it, where that was traced. */
    traceparent: text('traceparent'),
    attempts: integer('attempts').notNull().default(0),
    answerStatus: integer('answer_status'),
    answer: text('answer'),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** When it was put at the end of its queue. The time for attempts is counted from here. */
    queuedAt: instant('queued_at').notNull().defaultNow(),
    attemptedAt: instant('attempted_at'),
  },
  (table) => [
    uniqueIndex('webhook_notices_lane').on(table.queueId, table.number),
    index('webhook_notices_service').on(table.serviceId, table.id),
    index('webhook_notices_event').on(table.serviceId, table.event, table.id),
    /** What waits, and what was given up. */
    index('webhook_notices_unsettled')
      .on(table.serviceId, table.status, table.id)
      .where(sql`${table.status} <> 'delivered'`),
    index('webhook_notices_created')
      .on(table.createdAt)
      .where(sql`${table.status} <> 'pending'`),
    index('webhook_notices_dead')
      .on(table.createdAt)
      .where(sql`${table.status} = 'dead'`),
  ],
)
