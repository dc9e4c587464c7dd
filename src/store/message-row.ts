import type { Message, MessageExtras, MessageKey, StreamState } from '../model/message.ts'
import type { ReactionCount } from '../model/reaction.ts'
import { uuidToSid } from '../model/sid.ts'
import { bigintArray, toDate, toDateOrNull, uuidArray } from './engine/db.ts'

/** The columns of `message_extras` in a row of a hand-written statement, all null where a message has none. */
export interface ExtrasColumns extends Record<string, unknown> {
  readonly extras_seq: number | null
  readonly pin_seq: number
  readonly pinned_at: string | null
  readonly pinned_by: string | null
  readonly reactions_seq: number
  readonly reactions: string
  readonly thread_seq: number
  readonly reply_count: number
  readonly last_reply_index: number | null
  readonly last_reply_at: string | null
  readonly repliers: readonly string[]
}

export const extrasColumns = (table: string): string =>
  `${table}.seq AS extras_seq, ${table}.pin_seq, ${table}.pinned_at, ${table}.pinned_by, ${table}.reactions_seq, ${table}.reactions,
  ${table}.thread_seq, ${table}.reply_count, ${table}.last_reply_index, ${table}.last_reply_at, ${table}.repliers`

/**
 * The first extras in the channel of a table's row at its index or later: what a lateral join compares. The order names the index to use; for the very
 * row, the planner takes one by channel for as good where most channels have few, and reads all of a channel that has many.
 */
export const nextExtras = (table: string): string =>
  `SELECT * FROM message_extras WHERE channel_id = ${table}.channel_id AND index >= ${table}.index ORDER BY index LIMIT 1`

export function fromExtrasColumns(
  { channelId, index }: Pick<Message, 'channelId' | 'index'>,
  row: ExtrasColumns,
): MessageExtras | null {
  if (row.extras_seq === null) return null
  return {
    channelId,
    index,
    seq: row.extras_seq,
    pinSeq: row.pin_seq,
    pinnedAt: toDateOrNull(row.pinned_at),
    pinnedBy: row.pinned_by,
    reactionsSeq: row.reactions_seq,
    reactions: JSON.parse(row.reactions) as ReactionCount[],
    threadSeq: row.thread_seq,
    replyCount: row.reply_count,
    lastReplyIndex: row.last_reply_index,
    lastReplyAt: toDateOrNull(row.last_reply_at),
    repliers: row.repliers,
  }
}

/** Messages by their keys, as two parameters of a statement. */
export const keyArrays = (keys: readonly MessageKey[]): [channelIds: string, indexes: string] => [
  uuidArray(keys.map(({ channelId }) => channelId)),
  bigintArray(keys.map(({ index }) => index)),
]

/** A row of `messages` as hand-written statements return it. */
export interface MessageRow extends Record<string, unknown> {
  readonly channel_id: string
  readonly index: number
  readonly id: string
  readonly seq: number
  readonly added_seq: number | null
  readonly author: string
  readonly body: string
  readonly attributes: string
  readonly client_message_id: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly last_updated_by: string | null
  readonly version: number | null
  readonly edited_at: string | null
  readonly deleted_at: string | null
  readonly parent_index: number | null
  readonly quoted_id: string | null
  readonly is_silent: boolean | null
  readonly mentions: readonly string[] | null
  readonly mentions_channel: boolean | null
  readonly hidden_run: number | null
  readonly stream_state: StreamState | null
  readonly stream_ended_seq: number | null
}

export function fromMessageRow(row: MessageRow): Message {
  return {
    channelId: uuidToSid('CH', row.channel_id),
    index: row.index,
    id: uuidToSid('IM', row.id),
    seq: row.seq,
    addedSeq: row.added_seq,
    author: row.author,
    body: row.body,
    attributes: row.attributes,
    clientMessageId: row.client_message_id,
    createdAt: toDate(row.created_at),
    updatedAt: toDate(row.updated_at),
    lastUpdatedBy: row.last_updated_by,
    version: row.version,
    editedAt: toDateOrNull(row.edited_at),
    deletedAt: toDateOrNull(row.deleted_at),
    parentIndex: row.parent_index,
    quotedId: row.quoted_id === null ? null : uuidToSid('IM', row.quoted_id),
    isSilent: row.is_silent,
    mentions: row.mentions,
    mentionsChannel: row.mentions_channel,
    hiddenRun: row.hidden_run,
    streamState: row.stream_state,
    streamEndedSeq: row.stream_ended_seq,
  }
}
