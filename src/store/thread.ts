import { limits } from '../model/limits.ts'
import type { Message, MessageKey } from '../model/message.ts'
import { sidToUuid, type ChannelId } from '../model/sid.ts'
import { bigintArray, uuidArray, type Db, type Tx } from './engine/db.ts'
import {
  extrasColumns,
  keyArrays,
  fromExtrasColumns,
  fromMessageRow,
  type ExtrasColumns,
  type MessageRow,
} from './message-row.ts'
import { hasPlace } from './shown.ts'

export const messageKey = ({ channelId, index }: MessageKey): string => `${channelId}${index}`

/** The message that a reply answers. */
export const parentKey = ({ channelId, parentIndex }: Pick<Message, 'channelId' | 'parentIndex'>): MessageKey => ({
  channelId,
  index: parentIndex!,
})

type ParentRow = MessageRow & ExtrasColumns

function toParent(row: ParentRow): Message {
  const message = fromMessageRow(row)
  return { ...message, extras: fromExtrasColumns(message, row) }
}

const byKey = (rows: readonly ParentRow[]): Map<string, Message> =>
  new Map(rows.map(toParent).map((message) => [messageKey(message), message]))

/** Where the channel that is asked for begins. Looked at row by row: joined, the planner might read all channels. */
const firstIndexOf = '(SELECT first_index FROM channels WHERE id = asked.channel_id)'

const parentsStatement = `
SELECT messages.*, ${extrasColumns('extras')}
FROM unnest($1::uuid[], $2::bigint[]) AS asked (channel_id, index)
JOIN messages ON messages.channel_id = asked.channel_id AND messages.index = asked.index
  AND messages.index >= ${firstIndexOf}
LEFT JOIN message_extras extras ON extras.channel_id = asked.channel_id AND extras.index = asked.index
WHERE ${hasPlace('messages')}`

/** Messages that have their place in the channel, with what was added to them, by their keys: also deleted ones that have replies. */
export async function readParents(db: Db | Tx, keys: readonly MessageKey[]): Promise<Map<string, Message>> {
  if (keys.length === 0) return new Map()
  return byKey(await db.run<ParentRow>(parentsStatement, keyArrays(keys)))
}

/** Gives each reply among these the message that it answers, read with one statement, and with none where there is no reply. */
export async function withParents<Row extends Message>(db: Db, messages: readonly Row[]): Promise<readonly Row[]> {
  const keys = messages.filter(({ parentIndex }) => parentIndex != null).map(parentKey)
  if (keys.length === 0) return messages
  const parents = await readParents(db, [...new Map(keys.map((key) => [messageKey(key), key])).values()])
  return messages.map((message) =>
    message.parentIndex == null ? message : { ...message, parent: parents.get(messageKey(parentKey(message))) ?? null },
  )
}

const addStatement = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[])
    AS given (channel_id, parent_index, index, seq, created_at, author)
), firsts AS (
  SELECT channel_id, parent_index, author, min(index) AS index FROM given GROUP BY channel_id, parent_index, author
), threads AS (
  SELECT channel_id, parent_index, max(seq) AS seq, count(*) AS count, max(index) AS last_index, max(created_at) AS last_at
  FROM given GROUP BY channel_id, parent_index
), written AS (
  INSERT INTO message_extras AS known (channel_id, index, seq, thread_seq, reply_count, last_reply_index, last_reply_at, repliers)
  SELECT channel_id, parent_index, seq, seq, count, last_index, last_at,
    ARRAY (
      SELECT author FROM firsts WHERE firsts.channel_id = threads.channel_id AND firsts.parent_index = threads.parent_index
      ORDER BY firsts.index LIMIT ${limits.repliers}
    )
  FROM threads
  ON CONFLICT (channel_id, index) DO UPDATE
  SET seq = EXCLUDED.seq, thread_seq = EXCLUDED.seq, reply_count = known.reply_count + EXCLUDED.reply_count,
    last_reply_index = EXCLUDED.last_reply_index, last_reply_at = EXCLUDED.last_reply_at,
    repliers = (known.repliers || ARRAY (
      SELECT author FROM unnest(EXCLUDED.repliers) WITH ORDINALITY AS other (author, number)
      WHERE author <> ALL (known.repliers) ORDER BY number
    ))[1:${limits.repliers}]
  RETURNING known.*
)
SELECT messages.*, ${extrasColumns('written')}
FROM written JOIN messages ON messages.channel_id = written.channel_id AND messages.index = written.index`

/** Counts new replies at the messages that they answer, in locked channels, and answers these as they are now, by their keys. */
export async function addReplies(tx: Tx, replies: readonly Message[]): Promise<Map<string, Message>> {
  const rows = await tx.run<ParentRow>(addStatement, [
    uuidArray(replies.map(({ channelId }) => channelId)),
    bigintArray(replies.map(({ parentIndex }) => parentIndex!)),
    bigintArray(replies.map(({ index }) => index)),
    bigintArray(replies.map(({ seq }) => seq)),
    replies.map(({ createdAt }) => createdAt.toISOString()),
    replies.map(({ author }) => author),
  ])
  return byKey(rows)
}

const removeStatement = `
WITH written AS (
  UPDATE message_extras AS known
  SET seq = $3, thread_seq = $3, reply_count = known.reply_count - 1,
    last_reply_index = last.index, last_reply_at = last.created_at, repliers = ARRAY (
      SELECT author FROM messages WHERE channel_id = $1 AND parent_index = $2 AND deleted_at IS NULL
      GROUP BY author ORDER BY min(index) LIMIT ${limits.repliers}
    )
  FROM (SELECT) AS one LEFT JOIN LATERAL (
    SELECT index, created_at FROM messages WHERE channel_id = $1 AND parent_index = $2 AND deleted_at IS NULL
    ORDER BY index DESC LIMIT 1
  ) AS last ON true
  WHERE known.channel_id = $1 AND known.index = $2
  RETURNING known.*
)
SELECT messages.*, ${extrasColumns('written')}
FROM written JOIN messages ON messages.channel_id = written.channel_id AND messages.index = written.index
JOIN channels ON channels.id = $1 AND $2 >= channels.first_index`

/**
 * Takes a reply of a locked channel that was just deleted, under the `seq` of its deletion, off the message that it answered, and answers this as it is
 * now; null when it is truncated.
 */
export async function removeReply(tx: Tx, reply: Message): Promise<Message | null> {
  const [row] = await tx.run<ParentRow>(removeStatement, [sidToUuid(reply.channelId), reply.parentIndex, reply.seq])
  return row ? toParent(row) : null
}

/** One page of the replies to a message. */
export interface RepliesKey extends MessageKey {
  readonly size: number
  readonly isBackwards: boolean
  readonly after: number | undefined
  readonly before: number | undefined
}

const replies = (isBackwards: boolean): string => `(
    SELECT * FROM messages
    WHERE ${isBackwards ? '' : 'NOT '}asked.is_backwards AND channel_id = asked.channel_id AND parent_index = asked.index
      AND deleted_at IS NULL AND index > greatest(asked.after, ${firstIndexOf} - 1) AND index < asked.before
    ORDER BY index ${isBackwards ? 'DESC' : 'ASC'} LIMIT asked.size
  )`

const repliesStatement = `
SELECT asked.ordinal, reply.*
FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::boolean[], $5::bigint[], $6::bigint[]) WITH ORDINALITY
  AS asked (channel_id, index, size, is_backwards, after, before, ordinal)
CROSS JOIN LATERAL (${replies(false)} UNION ALL ${replies(true)}) AS reply`

/** The first `size` replies of each page, in its direction: one statement for all of them. */
export async function readReplies(db: Db, pages: readonly RepliesKey[]): Promise<Message[][]> {
  const rows = await db.run<MessageRow & { readonly ordinal: number }>(repliesStatement, [
    ...keyArrays(pages),
    `{${pages.map(({ size }) => size).join()}}`,
    `{${pages.map(({ isBackwards }) => isBackwards).join()}}`,
    bigintArray(pages.map(({ after }) => after ?? -1)),
    bigintArray(pages.map(({ before }) => before ?? Number.MAX_SAFE_INTEGER)),
  ])
  const byPage = Map.groupBy(rows, ({ ordinal }) => ordinal)
  return pages.map(({ isBackwards }, at) =>
    (byPage.get(at + 1) ?? [])
      .map(fromMessageRow)
      .sort((one, other) => (isBackwards ? other.index - one.index : one.index - other.index)),
  )
}

const quotedStatement = `
SELECT messages.*
FROM unnest($1::uuid[], $2::uuid[]) AS asked (channel_id, id)
JOIN messages ON messages.id = asked.id AND messages.channel_id = asked.channel_id AND messages.index >= ${firstIndexOf}`

/** Messages that others quote, in no order: deleted ones as their tombstones, truncated ones not. */
export async function readQuoted(
  db: Db,
  quotes: readonly { readonly channelId: ChannelId; readonly quotedId: Message['id'] }[],
): Promise<Message[]> {
  const rows = await db.run<MessageRow>(quotedStatement, [
    uuidArray(quotes.map(({ channelId }) => channelId)),
    uuidArray(quotes.map(({ quotedId }) => quotedId)),
  ])
  return rows.map(fromMessageRow)
}
