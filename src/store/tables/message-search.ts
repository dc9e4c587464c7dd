import { bigint, customType, index, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'
import { channels } from './channel.ts'
import { instant, sid } from './columns.ts'

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** What messages are found by. Written behind the send, so each row that is found is compared with its message. */
export const messageSearch = pgTable(
  'message_search',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    /** Of the message, which never changes. Search goes back in time, in each channel by the primary key. */
    createdAt: instant('created_at').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    serviceId: sid('service_id', 'IS').notNull(),
    /** Its tokens, each with the mark of the service before it, so that what other services write costs this one nothing. */
    tokens: tsvector('tokens').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.createdAt, table.index] }),
    index('message_search_time').on(table.serviceId, table.createdAt, table.channelId, table.index),
    /** What is written waits in a list that every search reads, so the list is kept short. */
    index('message_search_tokens').using('gin', table.tokens).with({ gin_pending_list_limit: 256 }),
  ],
)

/** How far the messages of a channel can be searched. A channel without a row has not been looked at. */
export const searchPositions = pgTable('search_positions', {
  channelId: sid('channel_id', 'CH')
    .primaryKey()
    .references(() => channels.id, { onDelete: 'cascade' }),
  /** Every change up to this `seq` of the channel is in `message_search`. */
  seq: bigint('seq', { mode: 'number' }).notNull(),
  /** The language by which it was cut into tokens. With another one, all is done again. */
  language: text('language').notNull(),
  /** Rows below have been deleted. */
  firstIndex: bigint('first_index', { mode: 'number' }).notNull().default(0),
})

/** The words of a channel's messages, where similar ones are looked for. A word may be of a message that nobody sees any more. */
export const searchWords = pgTable(
  'search_words',
  {
    channelId: sid('channel_id', 'CH').notNull(),
    /** By the length of its words and their hash, see `model/search-words.ts`. */
    bucket: smallint('bucket').notNull(),
    /** Each with a space before and after it. A bucket of more than 1,500 bytes takes no further ones. */
    words: text('words').notNull(),
  },
  (table) => [primaryKey({ columns: [table.channelId, table.bucket] })],
)
