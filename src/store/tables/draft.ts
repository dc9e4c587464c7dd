import { bigint, index, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { MessageContent } from '../../model/message-content.ts'
import { instant, sid } from './columns.ts'
import { users } from './user.ts'

/** What users are writing. A send writes nothing here: whether a draft's message exists is looked up when the draft is read. */
export const drafts = pgTable(
  'drafts',
  {
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** No foreign key: none leads from a user's rows to a channel's. */
    channelId: sid('channel_id', 'CH').notNull(),
    /** `noParent` of a draft in the channel itself. */
    parentId: sid('parent_id', 'IM').notNull(),
    version: integer('version').notNull(),
    /** The user's `last_seq` at this row's last change. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull(),
    content: json('content').$type<MessageContent>().notNull(),
    clientMessageId: text('client_message_id').notNull(),
    updatedAt: instant('updated_at').notNull(),
    removedAt: instant('removed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.channelId, table.parentId] }),
    index('drafts_seq').on(table.userId, table.userSeq),
    /** What is sent and then truncated takes its draft with it, which would be there again. */
    index('drafts_channel').on(table.channelId, table.clientMessageId),
  ],
)
