import { sql } from 'drizzle-orm'
import { bigint, index, integer, json, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { MessageContent } from '../../model/message-content.ts'
import type { ScheduledState } from '../../model/scheduled-message.ts'
import { instant, sid } from './columns.ts'
import { users } from './user.ts'

export const scheduledMessages = pgTable(
  'scheduled_messages',
  {
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    id: sid('id', 'SM').notNull(),
    /** The user's. Null in rows of the version before, until the cleanup has filled it in. */
    serviceId: sid('service_id', 'IS'),
    /** No foreign key: none leads from a user's rows to a channel's. */
    channelId: sid('channel_id', 'CH').notNull(),
    clientMessageId: text('client_message_id'),
    version: integer('version').notNull().default(1),
    /** The user's `last_seq` at this row's last change. A claim is none. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull(),
    content: json('content').$type<MessageContent>().notNull(),
    sendAt: instant('send_at').notNull(),
    state: text('state').$type<ScheduledState>().notNull().default('waiting'),
    /** When a process is to claim it: at its time, and once a claim has ended without a result. Null when nothing is to be done any more. */
    dueAt: instant('due_at'),
    claims: integer('claims').notNull().default(0),
    failureCode: text('failure_code'),
    failureReason: text('failure_reason'),
    messageId: sid('message_id', 'IM'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    uniqueIndex('scheduled_messages_client_message_id')
      .on(table.userId, table.clientMessageId)
      .where(sql`${table.clientMessageId} IS NOT NULL`),
    index('scheduled_messages_seq').on(table.userId, table.userSeq),
    index('scheduled_messages_listed')
      .on(table.userId, table.sendAt, table.id)
      .where(sql`${table.state} IN ('waiting', 'sending', 'failed')`),
    index('scheduled_messages_id').on(table.id),
    index('scheduled_messages_service').on(table.serviceId, table.state, table.sendAt, table.id),
    index('scheduled_messages_user').on(table.userId, table.state, table.sendAt, table.id),
    index('scheduled_messages_channel').on(table.channelId, table.state, table.sendAt, table.id),
    index('scheduled_messages_due')
      .on(table.dueAt)
      .where(sql`${table.dueAt} IS NOT NULL`),
    /** What the cleanup looks for. */
    index('scheduled_messages_ended')
      .on(table.updatedAt)
      .where(sql`${table.dueAt} IS NULL`),
  ],
)
