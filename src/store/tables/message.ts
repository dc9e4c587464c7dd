import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { instant, sid } from './columns.ts'

export const messages = pgTable(
  'messages',
  {
    /** No foreign key: the write holds the channel's row lock anyway, and the check would cost every send a query. */
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    id: sid('id', 'IM').notNull(),
    /** The channel's `seq` of this row's last change. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** The `seq` at which it was sent, once it has changed; null before. Never changes after that, and no send writes it. */
    addedSeq: bigint('added_seq', { mode: 'number' }),
    /** An identity, or `system` for the backend. */
    author: text('author').notNull(),
    body: text('body').notNull(),
    attributes: text('attributes').notNull().default('{}'),
    clientMessageId: text('client_message_id'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    lastUpdatedBy: text('last_updated_by'),
    /** Null until the first edit, which makes it 2. */
    version: integer('version'),
    /** Null until the first edit. */
    editedAt: instant('edited_at'),
    /** A deleted message keeps its row, without body and attributes, so that its number is never given again. */
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.index] }),
    uniqueIndex('messages_id').on(table.id),
    index('messages_seq').on(table.channelId, table.seq),
    /** A member's newest message moves its read horizon; also for what is searched, exported or erased by author. */
    index('messages_author').on(table.channelId, table.author, table.index),
    /** Unread counts leave deleted messages out. */
    index('messages_deleted')
      .on(table.channelId, table.index)
      .where(sql`${table.deletedAt} IS NOT NULL`),
    uniqueIndex('messages_client_message_id')
      .on(table.channelId, table.author, table.clientMessageId)
      .where(sql`${table.clientMessageId} IS NOT NULL`),
  ],
)
