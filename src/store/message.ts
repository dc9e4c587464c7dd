import { and, eq, getTableColumns, gte, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Message } from '../model/message.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid, uuidToSid, type ChannelId, type MessageId, type UserId } from '../model/sid.ts'
import { placeholder, prepareOnce, toDate, uuidArray, type Db, type Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { fromMessageRow, type MessageRow } from './message-row.ts'
import type { NewStream } from './message-stream.ts'
import { deleteReactionsBelow } from './reaction.ts'
import { hasPlace, lastShownIndex, noBound, shownWalk } from './shown.ts'
import { channels } from './tables/channel.ts'
import { messages as messagesTable, senderOf } from './tables/message.ts'

export interface NewMessage extends Pick<
  Message,
  'channelId' | 'id' | 'author' | 'body' | 'attributes' | 'clientMessageId'
> {
  /**
   * The `seq` up to which the author is known to be a member. When someone has left the channel since, nothing is written
   * and the caller must read the membership again. Compared under the channel's lock, so no message can follow its author's leaving.
   */
  readonly memberAsOf: number
  /** What an ordinary message has not: it is written by `insertExtendedMessages`. */
  readonly extras?: NewExtras | undefined
}

/** What only some messages are sent with. */
export interface NewExtras {
  /** The message that it replies to. Where that has gone since, nothing is written, as with a member that has left. */
  readonly parentIndex?: number | undefined
  /** A reply that the channel does not show. */
  readonly isHidden: boolean
  readonly isSilent: boolean
  readonly quotedId?: MessageId | undefined
  readonly mentions?: NewMentions | undefined
  /** Who sends it, where a pre-event has put another author in its place. */
  readonly sender?: string | undefined
  /** Its text is written while it is read. */
  readonly stream?: NewStream | undefined
}

/** What a message has of it without being sent with any. */
export const noExtras: NewExtras = { isHidden: false, isSilent: false }

/** Whom a message names. */
export interface NewMentions {
  /** Members of its channel. */
  readonly named: readonly { readonly identity: string; readonly userId: UserId }[]
  readonly channel: boolean
}

/**
 * The lock on the channel's row is what makes index order equal commit order. The row is compared again after waiting
 * for that lock, which a row of `members` would not be: a statement's snapshot is older than the lock it waited for.
 */
const insertStatement = `
WITH counters AS (
  UPDATE channels
  SET last_index = last_index + 1, last_seq = last_seq + 1, messages_count = messages_count + 1,
    last_message_at = greatest(last_message_at, now())
  WHERE id = $1 AND deleted_at IS NULL AND last_left_seq <= $2
  RETURNING last_index, last_seq, clock_timestamp() AS now
)
INSERT INTO messages (channel_id, index, id, seq, author, body, attributes, client_message_id, created_at, updated_at)
SELECT $1, last_index, $3, last_seq, $4, $5, $6, $7, now, now FROM counters
RETURNING id, index, seq, created_at`

/**
 * The same for many messages, of one channel or of several. Rows are locked in one order, so that two processes cannot wait for each
 * other; a locked row is read as it is after the wait.
 */
const insertManyStatement = `
WITH input AS (
  SELECT *
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY
    AS given (channel_id, member_as_of, id, author, body, attributes, client_message_id, ordinal)
), locked AS (
  SELECT id, last_index, last_seq, last_left_seq, messages_count, last_message_at
  FROM channels
  WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL
  ORDER BY id
  FOR UPDATE
), accepted AS (
  SELECT input.*, row_number() OVER (PARTITION BY channel_id ORDER BY ordinal) AS number, locked.last_index, locked.last_seq
  FROM input JOIN locked ON locked.id = input.channel_id AND locked.last_left_seq <= input.member_as_of
), moment AS MATERIALIZED (
  -- Looking at what was locked makes the time later than the wait.
  SELECT clock_timestamp() AS now FROM (SELECT count(*) FROM locked) AS after_the_wait
), counted AS (
  UPDATE channels
  SET last_index = locked.last_index + accepted.count,
      last_seq = locked.last_seq + accepted.count,
      messages_count = locked.messages_count + accepted.count,
      last_message_at = greatest(locked.last_message_at, moment.now)
  FROM moment, locked JOIN (SELECT channel_id, count(*) FROM accepted GROUP BY channel_id) AS accepted ON accepted.channel_id = locked.id
  WHERE channels.id = locked.id
)
INSERT INTO messages (channel_id, index, id, seq, author, body, attributes, client_message_id, created_at, updated_at)
SELECT channel_id, last_index + number, id, last_seq + number, author, body, attributes, client_message_id, now, now
FROM accepted, moment
RETURNING id, index, seq, created_at`

export type Numbered = {
  readonly id: string
  readonly index: number
  readonly seq: number
  readonly created_at: string
}

export function toMessage(
  { channelId, id, author, body, attributes, clientMessageId }: NewMessage,
  { index, seq, created_at }: Numbered,
): Message {
  const createdAt = toDate(created_at)
  return {
    channelId,
    id,
    author,
    body,
    attributes,
    clientMessageId,
    index,
    seq,
    createdAt,
    updatedAt: createdAt,
    addedSeq: null,
    lastUpdatedBy: null,
    version: null,
    editedAt: null,
    deletedAt: null,
    extras: null,
  }
}

/**
 * Numbers and writes messages in one statement, in their order. Undefined for each whose channel is gone or whose author's
 * membership must be read again. Throws the violation of `messages_client_message_id` when one was sent before;
 * nothing stands then.
 */
export async function insertMessages(db: Db | Tx, messages: readonly NewMessage[]): Promise<(Message | undefined)[]> {
  const [first, ...others] = messages
  if (!first) return []
  const rows = others.length === 0 ? await runInsert(db, first) : await runInsertMany(db, messages)
  const byId = new Map(rows.map((row) => [uuidToSid('IM', row.id), row]))
  return messages.map((message) => {
    const row = byId.get(message.id)
    return row && toMessage(message, row)
  })
}

function runInsert(db: Db | Tx, message: NewMessage): Promise<Numbered[]> {
  const { channelId, memberAsOf, id, author, body, attributes, clientMessageId } = message
  return db.run<Numbered>(insertStatement, [
    sidToUuid(channelId),
    memberAsOf,
    sidToUuid(id),
    author,
    body,
    attributes,
    clientMessageId,
  ])
}

function runInsertMany(db: Db | Tx, messages: readonly NewMessage[]): Promise<Numbered[]> {
  return db.run<Numbered>(insertManyStatement, [
    uuidArray(messages.map(({ channelId }) => channelId)),
    messages.map(({ memberAsOf }) => memberAsOf),
    uuidArray(messages.map(({ id }) => id)),
    messages.map(({ author }) => author),
    messages.map(({ body }) => body),
    messages.map(({ attributes }) => attributes),
    messages.map(({ clientMessageId }) => clientMessageId),
  ])
}

/** Whose name a message's `clientMessageId` is. */
export const senderOfNew = ({ author, extras }: Pick<NewMessage, 'author' | 'extras'>): string =>
  extras?.sender ?? author

/** The messages among these that were sent before, by the id of the new one. */
export async function readRepeatedMessages(
  db: Db | Tx,
  messages: readonly Pick<NewMessage, 'id' | 'channelId' | 'author' | 'clientMessageId' | 'extras'>[],
): Promise<Map<string, Message>> {
  const named = messages.filter(({ clientMessageId }) => clientMessageId !== null)
  if (named.length === 0) return new Map()
  const rows = await db.orm
    .select()
    .from(messagesTable)
    .where(
      or(
        ...named.map((message) =>
          and(
            eq(messagesTable.channelId, message.channelId),
            eq(senderOf(messagesTable), senderOfNew(message)),
            eq(messagesTable.clientMessageId, message.clientMessageId!),
          ),
        ),
      ),
    )
  const keyOf = (channelId: ChannelId, sender: string, name: string | null): string =>
    JSON.stringify([channelId, sender, name])
  const known = new Map(
    rows.map((message) => [
      keyOf(message.channelId, message.sender ?? message.author, message.clientMessageId),
      message,
    ]),
  )
  return new Map(
    named.flatMap((message) => {
      const first = known.get(keyOf(message.channelId, senderOfNew(message), message.clientMessageId))
      return first ? [[message.id, first] as const] : []
    }),
  )
}

/** The messages with these ids, deleted ones included, once they are replicated as configured. */
export function readReplicatedMessages(db: Db, ids: readonly MessageId[]): Promise<Message[]> {
  return db.readReplicated((tx) =>
    tx.orm
      .select()
      .from(messagesTable)
      .where(inArray(messagesTable.id, [...ids])),
  )
}

/** Whether a message is not truncated, in a statement that reads its channel too. */
export const isKept = gte(messagesTable.index, channels.firstIndex)

const messageById = prepareOnce((orm) =>
  orm
    .select(getTableColumns(messagesTable))
    .from(messagesTable)
    .innerJoin(channels, and(eq(channels.id, messagesTable.channelId), isKept))
    .where(eq(messagesTable.id, placeholder(messagesTable.id, 'id')))
    .prepare('message_by_id'),
)

/** Undefined when there is none, or it is truncated. */
export async function readMessage(db: Db, id: MessageId): Promise<Message | undefined> {
  const [row] = await messageById(db).execute({ id })
  return row
}

/** A message of a locked channel. */
export async function readLockedMessage(
  tx: Tx,
  { channelId, index }: Pick<Message, 'channelId' | 'index'>,
): Promise<Message | undefined> {
  const [row] = await tx.orm
    .select()
    .from(messagesTable)
    .where(and(eq(messagesTable.channelId, channelId), eq(messagesTable.index, index)))
  return row
}

/** What an edit changes. */
export interface MessageFields {
  readonly body?: string
  readonly attributes?: string
  readonly mentions?: string[] | null
  readonly mentionsChannel?: boolean | null
}

/** Changes a message of a locked channel; the caller has taken `seq` for it. */
export async function updateMessageRow(
  tx: Tx,
  message: Pick<Message, 'channelId' | 'index'>,
  change: MessageFields & { seq: number; lastUpdatedBy: string; deletedAt?: 'now' },
): Promise<Message | undefined> {
  const now = sql`clock_timestamp()`
  const { deletedAt, ...fields } = change
  const [row] = await tx.orm
    .update(messagesTable)
    .set({
      ...fields,
      addedSeq: sql`coalesce(${messagesTable.addedSeq}, ${messagesTable.seq})`,
      ...(deletedAt
        ? {
            deletedAt: now,
            streamState: sql`CASE ${messagesTable.streamState} WHEN 'streaming' THEN 'cancelled' ELSE ${messagesTable.streamState} END`,
          }
        : { version: sql`coalesce(${messagesTable.version}, 1) + 1`, editedAt: now }),
      updatedAt: now,
    })
    .where(
      and(
        eq(messagesTable.channelId, message.channelId),
        eq(messagesTable.index, message.index),
        isNull(messagesTable.deletedAt),
      ),
    )
    .returning()
  return row
}

/** Read in the statement itself: what a caller knows of the channel may be older than a truncation. */
export const firstIndexOf = (db: Db, channelId: ChannelId) =>
  db.orm.select({ firstIndex: channels.firstIndex }).from(channels).where(eq(channels.id, channelId))

/**
 * One page of a channel's history by index, at any depth: with `withReplies` all messages that are not deleted; otherwise what the channel shows,
 * deleted messages with replies included. A page without hidden replies is one scan of the primary key; one that meets some goes on with a walk
 * that passes each run of them at once.
 */
export async function readMessagePage(
  db: Db,
  channelId: ChannelId,
  page: Page<number>,
  { withReplies }: { readonly withReplies: boolean },
): Promise<Message[]> {
  const limit = page.size + 1
  const rows = await db.orm
    .select()
    .from(messagesTable)
    .where(
      and(
        eq(messagesTable.channelId, channelId),
        gte(messagesTable.index, firstIndexOf(db, channelId)),
        withReplies
          ? isNull(messagesTable.deletedAt)
          : sql.raw(`(messages.hidden_run IS NOT NULL OR ${hasPlace('messages')})`),
        isInPage(messagesTable.index, page),
      ),
    )
    .orderBy(pageOrder(messagesTable.index, page))
    .limit(limit)
  if (withReplies) return rows
  const shown = rows.filter(({ hiddenRun }) => hiddenRun === null)
  if (rows.length < limit || shown.length === rows.length) return shown
  const { index } = rows.at(-1)!
  const rest = page.backwards ? { ...page, before: index } : { ...page, after: index }
  return [...shown, ...(await walkMessages(db, channelId, rest, limit - shown.length))]
}

const walkStatement = (isBackwards: boolean): string => `
SELECT message.*
FROM channels c
CROSS JOIN LATERAL (${shownWalk({
  channelId: 'c.id',
  past: isBackwards ? '$2::bigint' : 'greatest($2::bigint, c.first_index - 1)',
  bound: isBackwards ? 'greatest($3::bigint, c.first_index - 1)' : '$3::bigint',
  limit: '$4::bigint',
  isBackwards,
  isWanted: hasPlace,
})}) AS shown
CROSS JOIN LATERAL (SELECT * FROM messages WHERE channel_id = c.id AND index = shown.index LIMIT 1) AS message
WHERE c.id = $1
ORDER BY message.index ${isBackwards ? 'DESC' : 'ASC'}`

const walks = { forwards: walkStatement(false), backwards: walkStatement(true) }

async function walkMessages(
  db: Db,
  channelId: ChannelId,
  { after, before, backwards }: Page<number>,
  limit: number,
): Promise<Message[]> {
  const direction = backwards ? 'backwards' : 'forwards'
  const [past, bound] = backwards ? [before, after] : [after, before]
  const end = bound ?? noBound[direction]
  const rows = await db.run<MessageRow>(walks[direction], [sidToUuid(channelId), past, end, limit])
  return rows.map(fromMessageRow)
}

const indexAtStatement = `
WITH RECURSIVE search AS (
  SELECT first_index AS low, last_index + 1 AS high FROM channels WHERE id = $1::uuid
  UNION ALL
  SELECT
    CASE WHEN probe.created_at < $2::timestamptz THEN probe.index + 1 ELSE low END,
    CASE WHEN probe.created_at < $2::timestamptz THEN high ELSE (low + high) / 2 END
  FROM search
  LEFT JOIN LATERAL (
    SELECT index, created_at FROM messages
    WHERE channel_id = $1::uuid AND index >= (low + high) / 2 AND index < high
    ORDER BY index LIMIT 1
  ) AS probe ON true
  WHERE low < high
)
SELECT low FROM search WHERE low >= high`

/** The index of the first message of a channel that was committed at a moment or later; the next index when there is none. */
export async function readIndexAt(db: Db, channelId: ChannelId, moment: Date): Promise<number> {
  const [row] = await db.run<{ low: number }>(indexAtStatement, [sidToUuid(channelId), moment.toISOString()])
  return row?.low ?? 0
}

const lastMessagesStatement = `
SELECT newest.*
FROM unnest($1::uuid[], $3::int[]) AS asked (id, through)
CROSS JOIN LATERAL (SELECT * FROM channels WHERE id = asked.id LIMIT 1) AS c
CROSS JOIN LATERAL (
  SELECT * FROM messages
  WHERE channel_id = asked.id AND index = (${lastShownIndex('c', 'coalesce(asked.through, c.last_index)')})
  LIMIT 1
) AS newest
WHERE $2::uuid IS NULL
  OR EXISTS (SELECT FROM members WHERE channel_id = asked.id AND user_id = $2::uuid AND left_at IS NULL)`

/** The newest message that each channel shows, without the deleted ones and those after `through`; for a user, of those it is a member of. */
export async function readLastMessages(
  db: Db,
  channelIds: readonly ChannelId[],
  userId: UserId | undefined,
  through: ReadonlyMap<ChannelId, number> = new Map(),
): Promise<Message[]> {
  const user = userId === undefined ? null : sidToUuid(userId)
  const rows = await db.run<MessageRow>(lastMessagesStatement, [
    uuidArray(channelIds),
    user,
    `{${channelIds.map((id) => through.get(id) ?? 'NULL').join()}}`,
  ])
  return rows.map(fromMessageRow)
}

/** Messages per statement of the cleanup. It bounds the locks and the time of a statement, however much was truncated. */
const purgeRows = 1000

const truncatedStatement = `
SELECT id, first_index FROM channels WHERE id > $1::uuid AND first_index > purged_index ORDER BY id LIMIT 1`

/** Deletes from the front, so that a cleanup that ends in the middle goes on there. */
const purgeStatement = `
WITH page AS (
  SELECT index FROM messages WHERE channel_id = $1 AND index < $2 ORDER BY index LIMIT $3
), purged AS (
  DELETE FROM messages USING page WHERE channel_id = $1 AND messages.index = page.index RETURNING id, coalesce(sender, author) AS sender, client_message_id
), undrafted AS (
  DELETE FROM drafts USING purged, users WHERE channel_id = $1 AND drafts.client_message_id = purged.client_message_id
    AND users.id = drafts.user_id AND users.identity = purged.sender
), unadorned AS (
  DELETE FROM message_extras USING page WHERE channel_id = $1 AND message_extras.index = page.index
), unnamed AS (
  DELETE FROM mentions USING page WHERE channel_id = $1 AND mentions.index = page.index
), forgotten AS (
  DELETE FROM message_edits USING page WHERE channel_id = $1 AND message_edits.index = page.index
), unfollowed AS (
  DELETE FROM thread_followers USING page WHERE channel_id = $1 AND thread_followers.parent_index = page.index
), unflagged AS (
  DELETE FROM message_flags USING purged WHERE message_id = purged.id
    AND service_id = (SELECT service_id FROM channels WHERE id = $1)
)
SELECT count(*) AS count FROM purged`

const purgedStatement = 'UPDATE channels SET purged_index = greatest(purged_index, $2) WHERE id = $1'

/** Deletes the rows of truncated messages in small batches, channel by channel. Several processes may do so at the same time. */
export async function deleteTruncatedMessages(db: Db): Promise<number> {
  let deleted = 0
  let after = '0'.repeat(32)
  for (;;) {
    const [channel] = await db.run<{ id: string; first_index: number }>(truncatedStatement, [after])
    if (!channel) return deleted
    after = channel.id
    while ((await deleteReactionsBelow(db, after, channel.first_index, purgeRows)) === purgeRows);
    for (;;) {
      const [page] = await db.run<{ count: number }>(purgeStatement, [after, channel.first_index, purgeRows])
      deleted += page!.count
      if (page!.count < purgeRows) break
    }
    await db.run(purgedStatement, [after, channel.first_index])
  }
}
