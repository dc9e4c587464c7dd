import { sql, type SQL } from 'drizzle-orm'
import { type AnyPgColumn, bigint, boolean, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { ChannelType } from '../../model/channel.ts'
import { byBytes, instant, sid } from './columns.ts'
import { services } from './service.ts'

/** The name that people see, the friendly one or else the unique one, with A to Z in lower case: what else has case depends on the database. */
export const shownName = ({ friendlyName, uniqueName }: Record<'friendlyName' | 'uniqueName', AnyPgColumn>): SQL =>
  sql`lower(coalesce(${friendlyName}, ${uniqueName}) COLLATE "C")`

export const channels = pgTable(
  'channels',
  {
    id: sid('id', 'CH').primaryKey(),
    serviceId: sid('service_id', 'IS')
      .notNull()
      .references(() => services.id, { onDelete: 'cascade' }),
    uniqueName: text('unique_name'),
    friendlyName: text('friendly_name'),
    type: text('type').$type<ChannelType>().notNull(),
    attributes: text('attributes').notNull().default('{}'),
    createdBy: text('created_by').notNull(),
    membersCount: integer('members_count').notNull().default(0),
    messagesCount: bigint('messages_count', { mode: 'number' }).notNull().default(0),
    /** Index of the newest message; -1 while there is none. */
    lastIndex: bigint('last_index', { mode: 'number' }).notNull().default(-1),
    /** Counts every durable change in the channel. The lock on this row is what makes its order the commit order. */
    lastSeq: bigint('last_seq', { mode: 'number' }).notNull().default(0),
    /** The `seq` of the last change of the channel's own fields. */
    seq: bigint('seq', { mode: 'number' }).notNull().default(0),
    /** Time of the newest message. It never goes back and has no index: one would end Postgres's cheap updates of the row. */
    lastMessageAt: instant('last_message_at'),
    /** Messages below are truncated: no read returns them, and their rows go later. */
    firstIndex: bigint('first_index', { mode: 'number' }).notNull().default(0),
    /** The `seq` and the time of the last truncation; 0 and null while there was none. */
    truncatedSeq: bigint('truncated_seq', { mode: 'number' }).notNull().default(0),
    truncatedAt: instant('truncated_at'),
    /** The rows of messages below are gone. */
    purgedIndex: bigint('purged_index', { mode: 'number' }).notNull().default(0),
    /** Only members with `sendToFrozenChannel` send. */
    isFrozen: boolean('is_frozen').notNull().default(false),
    /** The sorted ids of the members of a direct channel. */
    directKey: text('direct_key'),
    /**
     * The `seq` of the last change after which somebody may no longer send: a member that left, or a freezing. What was read of the channel and
     * of memberships before it is read again before a write.
     */
    lastLeftSeq: bigint('last_left_seq', { mode: 'number' }).notNull().default(0),
    // Null until there is such a message. No ordinary send writes these.
    /** Index of the newest message that counts for no unread. */
    uncountedIndex: bigint('uncounted_index', { mode: 'number' }),
    /** Index of the newest reply that the channel does not show. While it is the newest message, the two that follow say what it shows last. */
    hiddenReplyIndex: bigint('hidden_reply_index', { mode: 'number' }),
    shownIndex: bigint('shown_index', { mode: 'number' }),
    shownAt: instant('shown_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    uniqueIndex('channels_unique_name')
      .on(table.serviceId, table.uniqueName)
      .where(sql`${table.deletedAt} IS NULL`),
    /** What the cleanup looks for. Sends change none of its columns. */
    index('channels_truncated')
      .on(table.id)
      .where(sql`${table.firstIndex} > ${table.purgedIndex}`),
    uniqueIndex('channels_direct')
      .on(table.serviceId, table.directKey)
      .where(sql`${table.deletedAt} IS NULL AND ${table.directKey} IS NOT NULL`),
    index('channels_by_name')
      .on(table.serviceId, byBytes(table.uniqueName), table.id)
      .where(sql`${table.deletedAt} IS NULL AND ${table.uniqueName} IS NOT NULL`),
    index('channels_by_update')
      .on(table.serviceId, table.updatedAt, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    index('channels_type')
      .on(table.serviceId, table.type, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    index('channels_by_shown_name')
      .on(table.serviceId, shownName(table), table.id)
      .where(sql`${table.deletedAt} IS NULL AND coalesce(${table.friendlyName}, ${table.uniqueName}) IS NOT NULL`),
    index('channels_frozen')
      .on(table.serviceId, table.id)
      .where(sql`${table.deletedAt} IS NULL AND ${table.isFrozen}`),
    index('channels_service')
      .on(table.serviceId, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
  ],
)

/** What public channels are found by, as it was at the last refresh: the channel's own row changes with every message. */
export const channelSummaries = pgTable(
  'channel_summaries',
  {
    channelId: sid('channel_id', 'CH')
      .primaryKey()
      .references(() => channels.id, { onDelete: 'cascade' }),
    serviceId: sid('service_id', 'IS').notNull(),
    /** The friendly name, or else the unique name, in lower case. */
    name: text('name').notNull(),
    membersCount: integer('members_count').notNull(),
    activeAt: instant('active_at').notNull(),
  },
  (table) => [
    index('channel_summaries_name').on(table.serviceId, byBytes(table.name), table.channelId),
    index('channel_summaries_members').on(table.serviceId, table.membersCount, table.channelId),
    index('channel_summaries_active').on(table.serviceId, table.activeAt, table.channelId),
  ],
)
