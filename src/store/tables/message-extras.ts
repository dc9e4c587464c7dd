import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant, reactionCounts, sid } from './columns.ts'

/**
 * What others have added to a message. A message without any of it has no row, so that sending writes nothing here, and what is added does not
 * rewrite the message.
 */
export const messageExtras = pgTable(
  'message_extras',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    /** The channel's `seq` of this row's last change. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** The channel's `seq` of the last pinning or unpinning; 0 before the first. */
    pinSeq: bigint('pin_seq', { mode: 'number' }).notNull().default(0),
    /** Null of a message that is not pinned, as is `pinned_by`. */
    pinnedAt: instant('pinned_at'),
    /** An identity, or `system` for the backend. */
    pinnedBy: text('pinned_by'),
    /** The channel's `seq` at which its reactions last changed; 0 before the first. */
    reactionsSeq: bigint('reactions_seq', { mode: 'number' }).notNull().default(0),
    /** How many users have each reaction, in the order of first use; `reactions` has who. */
    reactions: reactionCounts('reactions')
      .notNull()
      .default(sql`'[]'`),
    /** The channel's `seq` of the last reply that was added or deleted; 0 before the first. */
    threadSeq: bigint('thread_seq', { mode: 'number' }).notNull().default(0),
    /** Replies that are not deleted. */
    replyCount: integer('reply_count').notNull().default(0),
    /** Index and time of the newest of them; null where there is none. */
    lastReplyIndex: bigint('last_reply_index', { mode: 'number' }),
    lastReplyAt: instant('last_reply_at'),
    /** Identities of their authors, who replied first is first; a bounded number. */
    repliers: text('repliers').array().notNull().default([]),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.index] }),
    index('message_extras_seq').on(table.channelId, table.seq),
    index('message_extras_pinned')
      .on(table.channelId, table.pinSeq)
      .where(sql`${table.pinnedAt} IS NOT NULL`),
  ],
)
