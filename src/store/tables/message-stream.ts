import { bigint, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant, sid } from './columns.ts'

/** A message whose text is being written has a row here, until it ends. */
export const messageStreams = pgTable(
  'message_streams',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    messageId: sid('message_id', 'IM').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    /** The process that has the text in memory. It writes nothing once another has taken the stream over. */
    owner: uuid('owner').notNull(),
    /** One more with each owner. */
    epoch: integer('epoch').notNull().default(1),
    /** What was appended, where keyword rules hold back or mask some of it; null where it is the message's body. */
    text: text('text'),
    /** When something new was last stored. */
    appendedAt: instant('appended_at').notNull(),
    /** Who caused it, as the webhooks of its end name it. */
    origin: text('origin').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.messageId] }),
    index('message_streams_silent').on(table.appendedAt),
  ],
)
