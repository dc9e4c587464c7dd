import { bigint, boolean, index, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { instant, sid } from './columns.ts'
import { users } from './user.ts'

/** The messages that name a user, without its own. Those that name a whole channel have no rows: they are joined through the memberships. */
export const mentions = pgTable(
  'mentions',
  {
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** No foreign key: none leads from a user's rows to a channel's. */
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    /** Of the message. */
    createdAt: instant('created_at').notNull(),
    /** It counts for no unread. */
    isSilent: boolean('is_silent').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.channelId, table.index] }),
    index('mentions_message').on(table.channelId, table.index),
  ],
)
