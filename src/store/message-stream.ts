import { and, asc, desc, eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm'
import type { EndedState, Message, MessageKey } from '../model/message.ts'
import type { Page } from '../model/page.ts'
import { uuidToSid, type ChannelId, type MessageId, type ServiceId } from '../model/sid.ts'
import { uuidArray, type Db, type Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { channels } from './tables/channel.ts'
import { messageStreams } from './tables/message-stream.ts'
import { messages } from './tables/message.ts'

/** What a message is sent with whose text is written while it is read. */
export interface NewStream {
  /** The process that has its text. */
  readonly owner: string
  /** What was appended, where that is not the body. */
  readonly text: string | null
  readonly origin: string
  readonly startedAt: Date
}

/** A stream of one process, which nobody else writes while the epoch is the same. */
export interface StreamClaim {
  readonly channelId: ChannelId
  readonly messageId: MessageId
  readonly epoch: number
}

const ofMessage = ({ channelId, messageId }: Omit<StreamClaim, 'epoch'>) =>
  and(eq(messageStreams.channelId, channelId), eq(messageStreams.messageId, messageId))

/** How many messages of a channel stream. */
export async function countStreams(db: Db, channelId: ChannelId): Promise<number> {
  return db.orm.$count(messageStreams, eq(messageStreams.channelId, channelId))
}

/** Adds the streams of messages that were just written in locked channels. */
export async function insertStreams(
  tx: Tx,
  streams: readonly { readonly message: Message; readonly stream: NewStream }[],
): Promise<void> {
  if (streams.length === 0) return
  await tx.orm.insert(messageStreams).values(
    streams.map(({ message: { channelId, id, index }, stream: { startedAt, ...stream } }) => ({
      ...stream,
      channelId,
      messageId: id,
      index,
      appendedAt: startedAt,
    })),
  )
}

/** A stream with what is stored of its text. */
export interface StoredStream extends StreamClaim {
  readonly serviceId: ServiceId
  readonly index: number
  readonly author: string
  /** What was appended, and what is visible of it. */
  readonly text: string
  readonly body: string
  readonly origin: string
}

/**
 * Makes a process the owner of a stream: the one before writes nothing any more. Undefined where the message does not stream, or is not silent
 * since the time that is given. The text is read by a second statement, whose snapshot has what the one before has stored while the first waited for it.
 */
export async function takeStream(
  db: Db,
  key: Omit<StreamClaim, 'epoch'>,
  {
    owner,
    appendedAt,
    silentSince,
  }: { readonly owner: string; readonly appendedAt: Date; readonly silentSince?: Date | undefined },
): Promise<StoredStream | undefined> {
  const [taken] = await db.orm
    .update(messageStreams)
    .set({ owner, appendedAt, epoch: sql`${messageStreams.epoch} + 1` })
    .where(and(ofMessage(key), silentSince && lt(messageStreams.appendedAt, silentSince)))
    .returning()
  if (!taken) return undefined
  const { channelId, messageId, index, epoch, text, origin } = taken
  const [message] = await db.orm
    .select({ body: messages.body, author: messages.author, serviceId: channels.serviceId })
    .from(messages)
    .innerJoin(channels, eq(channels.id, messages.channelId))
    .where(and(eq(messages.channelId, channelId), eq(messages.index, index)))
  return message && { channelId, messageId, index, epoch, origin, ...message, text: text ?? message.body }
}

/** The process that writes a text; undefined where it has ended. */
export async function readStreamOwner(db: Db, key: Omit<StreamClaim, 'epoch'>): Promise<string | undefined> {
  const [row] = await db.orm.select({ owner: messageStreams.owner }).from(messageStreams).where(ofMessage(key))
  return row?.owner
}

/** What is to be stored of a stream. */
export interface StreamedText extends StreamClaim {
  /** What is visible. */
  readonly body: string
  /** What was appended, where that is not the body. */
  readonly text: string | null
  readonly appendedAt: Date
}

/**
 * Rows that somebody has locked are left out: who ends a stream holds its row, and must not hold up all others. So a row that was not stored is one of
 * another epoch, or is stored the next time.
 */
const storeStatement = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::timestamptz[])
    AS given (channel_id, message_id, epoch, body, text, appended_at)
), owned AS (
  SELECT stream.channel_id, stream.message_id, stream.index, given.body, given.text, given.appended_at
  FROM given JOIN message_streams stream
    ON stream.channel_id = given.channel_id AND stream.message_id = given.message_id AND stream.epoch = given.epoch
  ORDER BY stream.channel_id, stream.message_id
  FOR UPDATE OF stream SKIP LOCKED
), noted AS (
  UPDATE message_streams stream SET text = owned.text, appended_at = owned.appended_at
  FROM owned WHERE stream.channel_id = owned.channel_id AND stream.message_id = owned.message_id
), stored AS (
  UPDATE messages SET body = owned.body
  FROM owned
  WHERE messages.channel_id = owned.channel_id AND messages.index = owned.index AND messages.stream_state = 'streaming'
  RETURNING messages.id
)
SELECT given.message_id, stored.id IS NOT NULL AS is_stored, stream.epoch IS NOT DISTINCT FROM given.epoch AS is_owned
FROM given
LEFT JOIN stored ON stored.id = given.message_id
LEFT JOIN message_streams stream ON stream.channel_id = given.channel_id AND stream.message_id = given.message_id`

/**
 * Stores the texts of streams, in one statement, without the channels' locks and numbers. Answers which are stored, and which are of another owner or have
 * ended.
 */
export async function storeStreamedTexts(
  db: Db,
  texts: readonly StreamedText[],
): Promise<{ readonly stored: ReadonlySet<MessageId>; readonly lost: ReadonlySet<MessageId> }> {
  const rows = await db.run<{ message_id: string; is_stored: boolean; is_owned: boolean }>(storeStatement, [
    uuidArray(texts.map(({ channelId }) => channelId)),
    uuidArray(texts.map(({ messageId }) => messageId)),
    `{${texts.map(({ epoch }) => epoch).join()}}`,
    texts.map(({ body }) => body),
    texts.map(({ text }) => text),
    texts.map(({ appendedAt }) => appendedAt.toISOString()),
  ])
  const idsOf = (isWanted: (row: (typeof rows)[number]) => boolean): ReadonlySet<MessageId> =>
    new Set(rows.filter(isWanted).map((row) => uuidToSid('IM', row.message_id)))
  return {
    stored: idsOf((row) => row.is_stored),
    lost: idsOf((row) => !row.is_stored && !row.is_owned),
  }
}

/** Ends a stream of a locked channel. False where it has another owner by now, or has ended. */
export async function deleteStream(tx: Tx, claim: StreamClaim): Promise<boolean> {
  const rows = await tx.orm
    .delete(messageStreams)
    .where(and(ofMessage(claim), eq(messageStreams.epoch, claim.epoch)))
    .returning({ id: messageStreams.messageId })
  return rows.length > 0
}

/** Ends a stream, whoever owns it. Nothing is stored of it any more. */
export async function abandonStream(db: Db | Tx, key: Omit<StreamClaim, 'epoch'>): Promise<void> {
  await db.orm.delete(messageStreams).where(ofMessage(key))
}

/** The same for all messages of a channel below an index. */
export async function abandonStreamsBelow(tx: Tx, channelId: ChannelId, index: number): Promise<void> {
  await tx.orm
    .delete(messageStreams)
    .where(and(eq(messageStreams.channelId, channelId), lt(messageStreams.index, index)))
}

/** What a message is once its text has ended. */
export interface StreamEnd {
  readonly seq: number
  readonly state: EndedState
  readonly body: string
  readonly attributes?: string | undefined
}

/**
 * Writes the final text of a message of a locked channel, whose stream was deleted; the caller has taken `seq` for it. It is no edit: version and
 * `updated_at` stay.
 */
export async function endMessageText(
  tx: Tx,
  { channelId, index }: MessageKey,
  { seq, state, body, attributes }: StreamEnd,
): Promise<Message | undefined> {
  const [row] = await tx.orm
    .update(messages)
    .set({
      seq,
      body,
      ...(attributes !== undefined && { attributes }),
      addedSeq: sql`coalesce(${messages.addedSeq}, ${messages.seq})`,
      streamState: state,
      streamEndedSeq: seq,
      streamEndedAt: sql`clock_timestamp()`,
    })
    .where(and(eq(messages.channelId, channelId), eq(messages.index, index), eq(messages.streamState, 'streaming')))
    .returning()
  return row
}

const silentStatement = `
SELECT channel_id, message_id, owner FROM message_streams WHERE appended_at < $1 ORDER BY appended_at LIMIT $2`

/** The streams that are silent since a moment, as far as that is stored; those first that have been for longest. */
export async function readSilentStreams(
  db: Db,
  since: Date,
  limit: number,
): Promise<(Omit<StreamClaim, 'epoch'> & { readonly owner: string })[]> {
  const rows = await db.run<{ channel_id: string; message_id: string; owner: string }>(silentStatement, [
    since.toISOString(),
    limit,
  ])
  return rows.map((row) => ({
    owner: row.owner,
    channelId: uuidToSid('CH', row.channel_id),
    messageId: uuidToSid('IM', row.message_id),
  }))
}

const textsStatement = `
SELECT message.id, message.body, stream.epoch
FROM unnest($1::uuid[], $2::uuid[]) AS asked (channel_id, message_id)
JOIN message_streams stream ON stream.channel_id = asked.channel_id AND stream.message_id = asked.message_id
JOIN messages message ON message.channel_id = stream.channel_id AND message.index = stream.index`

/** What is stored of texts that stream: at times two seconds old. */
export async function readStreamedTexts(
  db: Db,
  keys: readonly Omit<StreamClaim, 'epoch'>[],
): Promise<ReadonlyMap<MessageId, { readonly epoch: number; readonly text: string }>> {
  const rows = await db.run<{ id: string; body: string; epoch: number }>(textsStatement, [
    uuidArray(keys.map(({ channelId }) => channelId)),
    uuidArray(keys.map(({ messageId }) => messageId)),
  ])
  return new Map(rows.map(({ id, body, epoch }) => [uuidToSid('IM', id), { epoch, text: body }]))
}

/** A text that is being written, as it is stored: at times two seconds old. */
export interface StreamUnderWay {
  readonly message: Message
  readonly owner: string
  readonly appendedAt: Date
  /** Of what was appended, in UTF-8. */
  readonly bytes: number
}

/** One page of the texts that are being written in a service, or in one channel of it, by their messages' ids. The table has as many rows as processes may write. */
export async function readStreamPage(
  db: Db,
  { serviceId, channelId }: { readonly serviceId: ServiceId; readonly channelId?: ChannelId | undefined },
  page: Page<MessageId>,
): Promise<StreamUnderWay[]> {
  const { owner, appendedAt, text, index, messageId } = messageStreams
  // First the page, then its messages: otherwise the planner may walk all messages.
  const chosen = db.orm
    .select({ channelId: messageStreams.channelId, owner, appendedAt, text, index, messageId })
    .from(messageStreams)
    .innerJoin(channels, and(eq(channels.id, messageStreams.channelId), isNull(channels.deletedAt)))
    .where(
      and(
        channelId === undefined ? eq(channels.serviceId, serviceId) : eq(messageStreams.channelId, channelId),
        isInPage(messageId, page),
      ),
    )
    .orderBy(pageOrder(messageId, page))
    .limit(page.size + 1)
    .as('chosen')
  return db.orm
    .select({
      message: getTableColumns(messages),
      owner: chosen.owner,
      appendedAt: chosen.appendedAt,
      bytes: sql<number>`octet_length(coalesce(${chosen.text}, ${messages.body}))`,
    })
    .from(chosen)
    .innerJoin(messages, and(eq(messages.channelId, chosen.channelId), eq(messages.index, chosen.index)))
    .orderBy(page.backwards ? desc(chosen.messageId) : asc(chosen.messageId))
}
