import { sql } from 'drizzle-orm'
import { bigint, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { channels } from './channel.ts'
import { instant, sid } from './columns.ts'
import { roles } from './service.ts'
import { users } from './user.ts'

export const invites = pgTable(
  'invites',
  {
    channelId: sid('channel_id', 'CH')
      .notNull()
      .references(() => channels.id, { onDelete: 'cascade' }),
    id: sid('id', 'IN').notNull(),
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    identity: text('identity').notNull(),
    /** What the member will be. */
    roleId: sid('role_id', 'RL')
      .notNull()
      .references(() => roles.id),
    createdBy: text('created_by').notNull(),
    /** The user's `last_seq` at this row's last change. Invites take no `seq` of the channel: its members get no event. */
    userSeq: bigint('user_seq', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    /** Accepted, declined or withdrawn; it stays as a tombstone, so that the user’s feed can report it. */
    removedAt: instant('removed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.id] }),
    uniqueIndex('invites_id').on(table.id),
    uniqueIndex('invites_user')
      .on(table.channelId, table.userId)
      .where(sql`${table.removedAt} IS NULL`),
    index('invites_of_user')
      .on(table.userId, table.channelId)
      .where(sql`${table.removedAt} IS NULL`),
    /** What lists those of a service, whose roles they give. */
    index('invites_role')
      .on(table.roleId, table.id)
      .where(sql`${table.removedAt} IS NULL`),
    index('invites_user_seq').on(table.userId, table.userSeq),
  ],
)
