import { sql } from 'drizzle-orm'
import { bigint, index, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { instant, sid } from './columns.ts'
import { users } from './user.ts'

export const savedMessages = pgTable(
  'saved_messages',
  {
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    messageId: sid('message_id', 'IM').notNull(),
    /** No foreign key: none leads from a user's rows to a channel's. */
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    /** The user's `last_seq` at this row's last change. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull(),
    /** The user's `last_seq` at the saving. */
    savedSeq: bigint('saved_seq', { mode: 'number' }).notNull(),
    savedAt: instant('saved_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    remindAt: instant('remind_at'),
    remindedAt: instant('reminded_at'),
    removedAt: instant('removed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.messageId] }),
    index('saved_messages_seq').on(table.userId, table.userSeq),
    index('saved_messages_listed')
      .on(table.userId, table.savedSeq)
      .where(sql`${table.removedAt} IS NULL`),
    index('saved_messages_due')
      .on(table.remindAt)
      .where(sql`${table.remindAt} IS NOT NULL AND ${table.remindedAt} IS NULL AND ${table.removedAt} IS NULL`),
    /** What the cleanup looks for. */
    index('saved_messages_removed')
      .on(table.removedAt)
      .where(sql`${table.removedAt} IS NOT NULL`),
  ],
)
