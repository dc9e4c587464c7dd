import { bigint, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { NotificationLevel } from '../../model/user-channel.ts'
import { instant, sid } from './columns.ts'
import { users } from './user.ts'

/**
 * What a user keeps about a channel for itself. No row is the same as one with nothing set. `members` has no such columns: a change there would
 * be written to all of its indexes, and read as a change of the membership.
 */
export const userChannels = pgTable(
  'user_channels',
  {
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** No foreign key: none leads from a user's rows to a channel's. */
    channelId: sid('channel_id', 'CH').notNull(),
    /** The user's `last_seq` at the last change of this row, or of what the user has read in the channel. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull(),
    /** Pinned channels come first, by this number. Null is not pinned. */
    pinnedOrder: integer('pinned_order'),
    muteEndsAt: instant('mute_ends_at'),
    archivedAt: instant('archived_at'),
    /** Index of the channel's newest message when it was hidden: a newer one shows it again. */
    hiddenIndex: bigint('hidden_index', { mode: 'number' }),
    notificationLevel: text('notification_level').$type<NotificationLevel>(),
    attributes: text('attributes').notNull().default('{}'),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.channelId] }),
    index('user_channels_seq').on(table.userId, table.userSeq),
  ],
)
