import { sql } from 'drizzle-orm'
import { bigint, boolean, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { byBytes, instant, sid } from './columns.ts'
import { roles, services } from './service.ts'

export const users = pgTable(
  'users',
  {
    id: sid('id', 'US').primaryKey(),
    serviceId: sid('service_id', 'IS')
      .notNull()
      .references(() => services.id, { onDelete: 'cascade' }),
    identity: text('identity').notNull(),
    friendlyName: text('friendly_name'),
    attributes: text('attributes').notNull().default('{}'),
    avatarUrl: text('avatar_url'),
    statusText: text('status_text'),
    statusEmoji: text('status_emoji'),
    /** When the status ends by itself. */
    statusEndsAt: instant('status_ends_at'),
    /** A BCP 47 language tag. */
    locale: text('locale'),
    /** A name of the IANA time zone database. */
    timeZone: text('time_zone'),
    /** When its last connection was last seen. */
    lastSeenAt: instant('last_seen_at'),
    /** It is shown as offline. */
    isInvisible: boolean('is_invisible').notNull().default(false),
    /** Others see what it has read. */
    readReceiptsEnabled: boolean('read_receipts_enabled').notNull().default(true),
    roleId: sid('role_id', 'RL')
      .notNull()
      .references(() => roles.id),
    /** Counts every change of this user, its memberships and its invites: the user's feed is ordered by it. */
    lastSeq: bigint('last_seq', { mode: 'number' }).notNull().default(0),
    /** The `last_seq` of the last change of the user's own fields. */
    seq: bigint('seq', { mode: 'number' }).notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    /** A deleted user stays as a tombstone: so do its memberships, and older tokens must not make it anew. */
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    uniqueIndex('users_identity')
      .on(table.serviceId, table.identity)
      .where(sql`${table.deletedAt} IS NULL`),
    index('users_by_identity')
      .on(table.serviceId, byBytes(table.identity), table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    index('users_service')
      .on(table.serviceId, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    index('users_deleted')
      .on(table.serviceId, table.identity, table.deletedAt)
      .where(sql`${table.deletedAt} IS NOT NULL`),
    index('users_role').on(table.roleId),
  ],
)

/** What users are found by: each word of their names and their identities, folded. */
export const userNames = pgTable(
  'user_names',
  {
    userId: sid('user_id', 'US')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    token: text('token').notNull(),
    serviceId: sid('service_id', 'IS').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.token] }),
    index('user_names_token').on(table.serviceId, byBytes(table.token), table.userId),
  ],
)
