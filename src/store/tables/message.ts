import { sql, type SQL } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core'
import type { StreamState } from '../../model/message.ts'
import { instant, sid } from './columns.ts'

/** Who has sent a message: its `client_message_id` is a name that this one gave it. The expression of the unique index of these names. */
export const senderOf = ({
  sender,
  author,
}: {
  readonly sender: AnyPgColumn
  readonly author: AnyPgColumn
}): SQL<string> => sql<string>`coalesce(${sender}, ${author})`

export const messages = pgTable(
  'messages',
  {
    /** No foreign key: the write holds the channel's row lock anyway, and the check would cost every send a query. */
    channelId: sid('channel_id', 'CH').notNull(),
    index: bigint('index', { mode: 'number' }).notNull(),
    id: sid('id', 'IM').notNull(),
    /** The channel's `seq` of this row's last change. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** The `seq` at which it was sent, once it has changed; null before. Never changes after that, and no send writes it. */
    addedSeq: bigint('added_seq', { mode: 'number' }),
    /** An identity, or `system` for the backend. */
    author: text('author').notNull(),
    body: text('body').notNull(),
    attributes: text('attributes').notNull().default('{}'),
    clientMessageId: text('client_message_id'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    lastUpdatedBy: text('last_updated_by'),
    /** Null until the first edit, which makes it 2. */
    version: integer('version'),
    /** Null until the first edit. */
    editedAt: instant('edited_at'),
    /** A deleted message keeps its row, without body and attributes, so that its number is never given again. */
    deletedAt: instant('deleted_at'),
    // No ordinary send writes any of the columns that follow: they are null of a message that is no reply, quotes nothing and is not silent.
    /** Of a reply: the message that it answers. */
    parentIndex: bigint('parent_index', { mode: 'number' }),
    /** The message that it quotes. */
    quotedId: sid('quoted_id', 'IM'),
    isSilent: boolean('is_silent'),
    /** Identities of the members whom it names. */
    mentions: text('mentions').array(),
    /** It names all of its channel. */
    mentionsChannel: boolean('mentions_channel'),
    /** Of a message whose text is written while it is read. */
    streamState: text('stream_state').$type<StreamState>(),
    /** The channel's `seq` and the time of the end of that text. It is no edit, so `updated_at` stays. */
    streamEndedSeq: bigint('stream_ended_seq', { mode: 'number' }),
    streamEndedAt: instant('stream_ended_at'),
    /** Of a message that counts for no unread: how many of those the channel has had up to it, itself included. */
    uncounted: bigint('uncounted', { mode: 'number' }),
    /**
     * Of a reply that the channel does not show: its index less the number of such replies up to it. So it is the same for all of one run, and
     * what walks through the channel passes a run with one look.
     */
    hiddenRun: bigint('hidden_run', { mode: 'number' }),
    /** Of a reply that the channel does not show: the newest message of its author that the channel shows; -1 where there is none. */
    authorShownIndex: bigint('author_shown_index', { mode: 'number' }),
    /** Who has sent it, where a pre-event has put another author in its place. */
    sender: text('sender'),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.index] }),
    uniqueIndex('messages_id').on(table.id),
    index('messages_seq').on(table.channelId, table.seq),
    /** A member's newest message moves its read horizon; also for what is searched, exported or erased by author. */
    index('messages_author').on(table.channelId, table.author, table.index),
    /** Unread counts leave deleted messages out. */
    index('messages_deleted')
      .on(table.channelId, table.index, table.uncounted)
      .where(sql`${table.deletedAt} IS NOT NULL`),
    /** And those that count for none. */
    index('messages_uncounted')
      .on(table.channelId, table.index, table.uncounted)
      .where(sql`${table.uncounted} IS NOT NULL`),
    index('messages_hidden')
      .on(table.channelId, table.hiddenRun, table.index)
      .where(sql`${table.hiddenRun} IS NOT NULL`),
    index('messages_mentions_channel')
      .on(table.channelId, table.index)
      .where(sql`${table.mentionsChannel}`),
    index('messages_replies')
      .on(table.channelId, table.parentIndex, table.index)
      .where(sql`${table.parentIndex} IS NOT NULL`),
    uniqueIndex('messages_client_message_id')
      .on(table.channelId, senderOf(table), table.clientMessageId)
      .where(sql`${table.clientMessageId} IS NOT NULL`),
  ],
)
