import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Permission, RoleType } from '../../model/permission.ts'
import { accounts } from './account.ts'
import { instant, sid } from './columns.ts'

export const services = pgTable(
  'services',
  {
    id: sid('id', 'IS').primaryKey(),
    accountId: sid('account_id', 'AC')
      .notNull()
      .references(() => accounts.id),
    friendlyName: text('friendly_name').notNull(),
    /** One per account: where a caller is that names no service. */
    isDefault: boolean('is_default').notNull().default(false),
    defaultServiceRoleId: sid('default_service_role_id', 'RL').notNull(),
    defaultChannelRoleId: sid('default_channel_role_id', 'RL').notNull(),
    defaultChannelCreatorRoleId: sid('default_channel_creator_role_id', 'RL').notNull(),
    /** Seconds. */
    typingIndicatorTimeout: integer('typing_indicator_timeout').notNull().default(5),
    /** Whether users see who is online. */
    reachabilityEnabled: boolean('reachability_enabled').notNull().default(false),
    channelMembersLimit: integer('channel_members_limit').notNull().default(100),
    userChannelsLimit: integer('user_channels_limit').notNull().default(250),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('services_account').on(table.accountId, table.id),
    uniqueIndex('services_default')
      .on(table.accountId)
      .where(sql`${table.isDefault}`),
  ],
)

export const roles = pgTable(
  'roles',
  {
    id: sid('id', 'RL').primaryKey(),
    serviceId: sid('service_id', 'IS')
      .notNull()
      .references(() => services.id, { onDelete: 'cascade' }),
    friendlyName: text('friendly_name').notNull(),
    type: text('type').$type<RoleType>().notNull(),
    permissions: text('permissions').array().$type<Permission[]>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [index('roles_service').on(table.serviceId, table.id)],
)
