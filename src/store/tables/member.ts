import { sql } from 'drizzle-orm'
import { bigint, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { AddedBy } from '../../model/member.ts'
import { channels } from './channel.ts'
import { instant, sid } from './columns.ts'
import { roles } from './service.ts'
import { users } from './user.ts'

export const members = pgTable(
  'members',
  {
    channelId: sid('channel_id', 'CH')
      .notNull()
      .references(() => channels.id, { onDelete: 'cascade' }),
    id: sid('id', 'MB').notNull(),
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    identity: text('identity').notNull(),
    roleId: sid('role_id', 'RL')
      .notNull()
      .references(() => roles.id),
    /** Who added it. Rows from before this column say the backend. */
    addedBy: text('added_by').$type<AddedBy>().notNull().default('backend'),
    lastReadIndex: bigint('last_read_index', { mode: 'number' }),
    lastReadAt: instant('last_read_at'),
    /** Index of the channel's newest message when it joined, which never changes. */
    joinedIndex: bigint('joined_index', { mode: 'number' }).notNull().default(-1),
    /** The furthest that `last_read_index` has ever been: what others see. */
    receiptIndex: bigint('receipt_index', { mode: 'number' }).notNull().default(-1),
    /** Set by the member itself: everything from here on counts as unread. */
    unreadFrom: bigint('unread_from', { mode: 'number' }),
    /** Index of the channel's newest message when `unread_from` was set: an own message above it ends that. */
    unreadMarkedIndex: bigint('unread_marked_index', { mode: 'number' }),
    /** The channel's `seq` of this row's last change. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    joinedSeq: bigint('joined_seq', { mode: 'number' }).notNull(),
    /** The user's `last_seq` at this row's last change: what the user's feed is ordered by. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    /** A member that left stays as a tombstone, so that "what changed after seq n" includes it. */
    leftAt: instant('left_at'),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.id] }),
    uniqueIndex('members_id').on(table.id),
    index('members_present')
      .on(table.channelId, table.id)
      .where(sql`${table.leftAt} IS NULL`),
    index('members_identity')
      .on(table.channelId, table.identity)
      .where(sql`${table.leftAt} IS NULL`),
    uniqueIndex('members_of_user')
      .on(table.userId, table.channelId)
      .where(sql`${table.leftAt} IS NULL`),
    index('members_role')
      .on(table.roleId)
      .where(sql`${table.leftAt} IS NULL`),
    /** What the cleanup of mentions goes through. */
    index('members_left')
      .on(table.leftAt, table.channelId, table.id)
      .where(sql`${table.leftAt} IS NOT NULL`),
    index('members_seq').on(table.channelId, table.seq),
    index('members_user_seq').on(table.userId, table.userSeq),
  ],
)
