import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { channels } from './channel.ts'
import { instant, sid } from './columns.ts'

/**
 * How far delivery has come: one row for the member itself (`device_id` empty), one for each of its devices. What is queued is
 * exactly the messages above `delivered_index`; a send writes nothing here.
 */
export const deliveries = pgTable(
  'deliveries',
  {
    channelId: sid('channel_id', 'CH')
      .notNull()
      .references(() => channels.id, { onDelete: 'cascade' }),
    memberId: sid('member_id', 'MB').notNull(),
    deviceId: text('device_id').notNull(),
    deliveredIndex: bigint('delivered_index', { mode: 'number' }).notNull(),
    deliveredSeq: bigint('delivered_seq', { mode: 'number' }).notNull(),
    seenAt: instant('seen_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.memberId, table.deviceId] }),
    index('deliveries_seen').on(table.seenAt),
  ],
)
