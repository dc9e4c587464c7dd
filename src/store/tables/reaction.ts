import { bigint, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { sid } from './columns.ts'

/** Who has reacted to which message. How many, `message_extras` counts. */
export const reactions = pgTable(
  'reactions',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    /** An identity, or `system` for the backend. As that of a message's author it stays when the user is deleted. */
    identity: text('identity').notNull(),
    reaction: text('reaction').notNull(),
    /** Its place among those of its kind: the `seq` at which it was added, times 256, and its number among those written with it. */
    place: bigint('place', { mode: 'number' }).notNull(),
  },
  (table) => [
    /** Also for what one user has added to a message. */
    primaryKey({ columns: [table.channelId, table.index, table.identity, table.reaction] }),
    uniqueIndex('reactions_place').on(table.channelId, table.index, table.reaction, table.place),
  ],
)
