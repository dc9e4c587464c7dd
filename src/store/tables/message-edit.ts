import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant, sid } from './columns.ts'

/** What messages were before they were edited, where the service keeps it. */
export const messageEdits = pgTable(
  'message_edits',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    version: integer('version').notNull(),
    body: text('body').notNull(),
    attributes: text('attributes').notNull(),
    /** Who wrote this version: an identity, or `system` for the backend. */
    writtenBy: text('written_by').notNull(),
    writtenAt: instant('written_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.channelId, table.index, table.version] })],
)
