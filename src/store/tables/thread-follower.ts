import { sql } from 'drizzle-orm'
import { bigint, boolean, index, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { sid } from './columns.ts'

/**
 * Who follows the replies to a message, and how far it has read them. One row for each user and thread, kept when it unfollows: so nothing but
 * the user itself lets it follow again. A reply writes the row of its author and none of the other followers'.
 */
export const threadFollowers = pgTable(
  'thread_followers',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    parentIndex: bigint('parent_index', { mode: 'number' }).notNull(),
    /** No foreign key: none leads from a channel's rows to a user's. */
    userId: sid('user_id', 'US').notNull(),
    isFollowed: boolean('is_followed').notNull(),
    /** Replies up to here are read. */
    readIndex: bigint('read_index', { mode: 'number' }).notNull(),
    /** The user's `last_seq` at the last change that it has made itself; 0 while replies alone have made the row, of which the channel tells. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.parentIndex, table.userId] }),
    index('thread_followers_user')
      .on(table.userId, table.channelId, table.parentIndex)
      .where(sql`${table.isFollowed}`),
    index('thread_followers_seq')
      .on(table.userId, table.userSeq)
      .where(sql`${table.userSeq} > 0`),
  ],
)
