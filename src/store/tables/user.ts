import { bigint, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { instant, sid } from './columns.ts'
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
    roleId: sid('role_id', 'RL')
      .notNull()
      .references(() => roles.id),
    /** Counts every change of this user's memberships: the user's feed is ordered by it. */
    lastSeq: bigint('last_seq', { mode: 'number' }).notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('users_identity').on(table.serviceId, table.identity), index('users_role').on(table.roleId)],
)
