import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { ChannelType } from '../../model/channel.ts'
import { byBytes, instant, sid } from './columns.ts'
import { services } from './service.ts'

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
    /** The `seq` of the last member that left: knowledge of a membership that is older is checked again before a write. */
    lastLeftSeq: bigint('last_left_seq', { mode: 'number' }).notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    uniqueIndex('channels_unique_name')
      .on(table.serviceId, table.uniqueName)
      .where(sql`${table.deletedAt} IS NULL`),
    index('channels_by_name')
      .on(table.serviceId, byBytes(table.uniqueName), table.id)
      .where(sql`${table.deletedAt} IS NULL AND ${table.uniqueName} IS NOT NULL`),
    index('channels_by_update')
      .on(table.serviceId, table.updatedAt, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    index('channels_type')
      .on(table.serviceId, table.type, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
    index('channels_service')
      .on(table.serviceId, table.id)
      .where(sql`${table.deletedAt} IS NULL`),
  ],
)
