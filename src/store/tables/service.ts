import { sql, type SQL } from 'drizzle-orm'
import { boolean, index, integer, jsonb, pgTable, text, uniqueIndex, type AnyPgColumn } from 'drizzle-orm/pg-core'
import type { KeywordRule } from '../../model/keyword-rule.ts'
import type { NotificationSettings } from '../../model/notification.ts'
import type { Permission, RoleType } from '../../model/permission.ts'
import type { UserLimits } from '../../model/rate-limit.ts'
import type { WebhookBodyFormat, WebhookEvent, WebhookMethod, WebhookTargets } from '../../model/webhook.ts'
import { accounts } from './account.ts'
import { instant, sid } from './columns.ts'

/** The ids in `keyword_rules`, as they are indexed. */
export const keywordRuleIds = (keywordRules: AnyPgColumn): SQL =>
  sql`(jsonb_path_query_array(${keywordRules}, '$[*].id'))`

export const services = pgTable(
  'services',
  {
    id: sid('id', 'IS').primaryKey(),
    accountId: sid('account_id', 'AC')
      .notNull()
      .references(() => accounts.id),
    friendlyName: text('friendly_name').notNull(),
    /** One per account: the service of callers that name none. */
    isDefault: boolean('is_default').notNull().default(false),
    defaultServiceRoleId: sid('default_service_role_id', 'RL').notNull(),
    defaultChannelRoleId: sid('default_channel_role_id', 'RL').notNull(),
    defaultChannelCreatorRoleId: sid('default_channel_creator_role_id', 'RL').notNull(),
    readStatusEnabled: boolean('read_status_enabled').notNull().default(true),
    /** Channels with more members report no receipts. */
    readReceiptsMaxMembers: integer('read_receipts_max_members').notNull().default(100),
    /** Whom users find: nobody but those that they share a channel with, or all. */
    userDirectory: text('user_directory').$type<'off' | 'all'>().notNull().default('off'),
    /** A BCP 47 language tag: how names and messages are folded for searching. */
    language: text('language').notNull().default('en'),
    /** How many of a message's former versions are kept. */
    editHistory: text('edit_history').$type<'none' | 'last' | 'all'>().notNull().default('none'),
    reachabilityEnabled: boolean('reachability_enabled').notNull().default(false),
    /** Seconds. */
    typingIndicatorTimeout: integer('typing_indicator_timeout').notNull().default(5),
    consumptionReportInterval: integer('consumption_report_interval').notNull().default(10),
    channelMembersLimit: integer('channel_members_limit').notNull().default(100),
    userChannelsLimit: integer('user_channels_limit').notNull().default(250),
    /** Those that differ from the default. */
    userLimits: jsonb('user_limits').$type<Partial<UserLimits>>().notNull().default({}),
    preWebhookUrl: text('pre_webhook_url'),
    postWebhookUrl: text('post_webhook_url'),
    webhookMethod: text('webhook_method').$type<WebhookMethod>().notNull().default('POST'),
    webhookBodyFormat: text('webhook_body_format').$type<WebhookBodyFormat>().notNull().default('form'),
    webhookFilters: text('webhook_filters').array().$type<WebhookEvent[]>().notNull().default([]),
    webhookTargets: jsonb('webhook_targets').$type<WebhookTargets>().notNull().default({}),
    webhooksEnabled: boolean('webhooks_enabled').notNull().default(true),
    apiWebhooksEnabled: boolean('api_webhooks_enabled').notNull().default(true),
    preWebhookTimeout: integer('pre_webhook_timeout').notNull().default(5000),
    preWebhookRequired: boolean('pre_webhook_required').notNull().default(false),
    /** Sealed. Null in rows of an earlier version, until the next start. */
    webhookSecret: text('webhook_secret'),
    keywordRules: jsonb('keyword_rules').$type<readonly KeywordRule[]>().notNull().default([]),
    notifications: jsonb('notifications').$type<NotificationSettings>().notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    /** From then on nothing in the service exists for anybody, though its rows stay. */
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    index('services_account')
      .on(table.accountId, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    uniqueIndex('services_default')
      .on(table.accountId)
      .where(sql`${table.isDefault}`),
    index('services_keyword_rules').using('gin', keywordRuleIds(table.keywordRules)),
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
    /** A deleted role stays as a tombstone, because memberships that have ended refer to it. */
    deletedAt: instant('deleted_at'),
  },
  (table) => [index('roles_service').on(table.serviceId, table.id)],
)
