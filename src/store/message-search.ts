import type { MessageKey, SearchedAddition, SearchHit } from '../model/message-search.ts'
import type { Message, MessageKey as IndexKey } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId, type UserId } from '../model/sid.ts'
import { bigintArray, toDate, toDateOrNull, uuidArray, type Db } from './engine/db.ts'
import { fromMessageRow, nextExtras, type MessageRow } from './message-row.ts'

/** A channel whose messages are searched. */
export interface SearchedChannel {
  readonly id: ChannelId
  readonly lastMessageAt: Date | null
  readonly lastSeq: number
  /** Up to which `seq` its messages are in `message_search`. */
  readonly indexedSeq: number
}

const searchedColumns = `
  channels.id, channels.last_message_at, channels.last_seq,
  CASE WHEN search_positions.language = $2 THEN search_positions.seq ELSE 0 END AS indexed_seq`

const channelsOfUserStatement = `
SELECT ${searchedColumns}
FROM members
JOIN channels ON channels.id = members.channel_id AND channels.deleted_at IS NULL
LEFT JOIN search_positions ON search_positions.channel_id = channels.id
WHERE members.user_id = $1::uuid AND members.left_at IS NULL`

const channelsOfServiceStatement = `
SELECT ${searchedColumns}
FROM channels
LEFT JOIN search_positions ON search_positions.channel_id = channels.id
WHERE channels.id = ANY ($3::uuid[]) AND channels.service_id = $1::uuid AND channels.deleted_at IS NULL`

interface SearchedRow extends Record<string, unknown> {
  readonly id: string
  readonly last_message_at: string | null
  readonly last_seq: number
  readonly indexed_seq: number
}

const toSearched = (row: SearchedRow): SearchedChannel => ({
  id: uuidToSid('CH', row.id),
  lastMessageAt: toDateOrNull(row.last_message_at),
  lastSeq: row.last_seq,
  indexedSeq: row.indexed_seq,
})

/** All channels that a user is a member of. */
export async function readSearchedChannelsOfUser(db: Db, userId: UserId, language: string): Promise<SearchedChannel[]> {
  return (await db.run<SearchedRow>(channelsOfUserStatement, [sidToUuid(userId), language])).map(toSearched)
}

/** Those of these channels that are in the service. */
export async function readSearchedChannels(
  db: Db,
  serviceId: ServiceId,
  language: string,
  ids: readonly ChannelId[],
): Promise<SearchedChannel[]> {
  const rows = await db.run<SearchedRow>(channelsOfServiceStatement, [sidToUuid(serviceId), language, uuidArray(ids)])
  return rows.map(toSearched)
}

/** What a walk back in time looks for, and where it stops. */
export interface WalkedFor {
  readonly query: string
  readonly from: Date | undefined
  readonly isRanked: boolean
  /** Only messages that have all of this. */
  readonly has: readonly SearchedAddition[]
}

/** A channel, and where the walk through it has come to: everything from `until` on is known. */
export interface ChannelLane {
  readonly channelId: ChannelId
  readonly until: Pick<MessageKey, 'createdAt' | 'index'>
  /** How many rows to look at. */
  readonly size: number
}

export interface Walked {
  readonly hits: readonly SearchHit[]
  /** By the place of the lane: the last row that was looked at, where there may be more. */
  readonly ends: ReadonlyMap<number, Pick<MessageKey, 'createdAt' | 'index'>>
  /** Rows that were looked at. */
  readonly rows: number
}

interface HitRow extends Record<string, unknown> {
  readonly channel_id: string
  readonly created_at: string
  readonly index: number
  readonly rank: string
}

const toHit = (row: HitRow): SearchHit => ({
  channelId: uuidToSid('CH', row.channel_id),
  createdAt: toDate(row.created_at).getTime(),
  index: row.index,
  rank: Number(row.rank),
})

const rank = (isRanked: string) => `CASE WHEN ${isRanked} THEN ts_rank(tokens, query, 1) ELSE 0 END::text AS rank`

const additions: Readonly<Record<SearchedAddition, string>> = {
  reactions: `extras.reactions <> '[]'`,
  thread: 'extras.reply_count > 0',
}

/** Whether the message of a row has all of this. In a CASE, so that it is looked up only for messages that match. */
const havingAll = (matches: string, row: string, has: readonly SearchedAddition[]): string =>
  has.length === 0
    ? matches
    : `CASE WHEN ${matches} THEN coalesce((
        SELECT extras.index = ${row}.index AND ${has.map((one) => additions[one]).join(' AND ')} FROM (${nextExtras(row)}) AS extras
      ), false) ELSE false END`

/** A walk through each channel, of so many rows as are asked for. Rows that do not match are answered only where a walk may go on. */
const walkStatement = (has: readonly SearchedAddition[]): string => `
SELECT lane.number::int, walked.*
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS lane (id, until, index, size, number)
CROSS JOIN LATERAL (
  SELECT *, row_number() OVER (ORDER BY created_at DESC, index DESC) AS place
  FROM (
    SELECT channel_id, created_at, index, ${havingAll('tokens @@ query', 'message_search', has)} AS matches,
      CASE WHEN $7 AND tokens @@ query THEN ts_rank(tokens, query, 1) ELSE 0 END::text AS rank
    FROM message_search, (SELECT $5::tsquery AS query) AS asked
    WHERE channel_id = lane.id AND (created_at, index) < (lane.until::timestamptz, lane.index)
      AND created_at >= $6::timestamptz
    ORDER BY created_at DESC, index DESC
    LIMIT lane.size
  ) AS newest
) AS walked
WHERE matches OR place = lane.size`

interface WalkedRow extends HitRow {
  readonly number: number
  readonly matches: boolean
  readonly place: number
}

/** Looks at the newest rows of each lane. */
export async function walkChannels(
  db: Db,
  lanes: readonly ChannelLane[],
  { query, from, isRanked, has }: WalkedFor,
): Promise<Walked> {
  const rows = await db.run<WalkedRow>(walkStatement(has), [
    uuidArray(lanes.map(({ channelId }) => channelId)),
    lanes.map(({ until }) => toMoment(until.createdAt)),
    bigintArray(lanes.map(({ until }) => until.index)),
    bigintArray(lanes.map(({ size }) => size)),
    query,
    from?.toISOString() ?? '-infinity',
    isRanked,
  ])
  const ends = new Map<number, Pick<MessageKey, 'createdAt' | 'index'>>()
  for (const { number, place, created_at, index } of rows) {
    if (place === lanes[number - 1]!.size) ends.set(number - 1, { createdAt: toDate(created_at).getTime(), index })
  }
  return {
    hits: rows.filter(({ matches }) => matches).map(toHit),
    ends,
    rows: lanes.reduce((sum, { size }) => sum + size, 0),
  }
}

const walkServiceStatement = (has: readonly SearchedAddition[]): string => `
SELECT * FROM (
  SELECT *, row_number() OVER (ORDER BY created_at DESC, channel_id DESC, index DESC) AS place
  FROM (
    SELECT channel_id, created_at, index, ${havingAll('tokens @@ query', 'message_search', has)} AS matches,
      CASE WHEN $8 AND tokens @@ query THEN ts_rank(tokens, query, 1) ELSE 0 END::text AS rank
    FROM message_search, (SELECT $6::tsquery AS query) AS asked
    WHERE service_id = $1::uuid AND (created_at, channel_id, index) < ($2::text::timestamptz, $3::uuid, $4::bigint)
      AND created_at >= $7::timestamptz
    ORDER BY service_id DESC, created_at DESC, channel_id DESC, index DESC
    LIMIT $5::bigint
  ) AS newest
) AS walked
WHERE matches OR place = $5::bigint`

/** The same through all channels of a service; `end` is undefined at the end. */
export async function walkService(
  db: Db,
  serviceId: ServiceId,
  until: MessageKey,
  size: number,
  { query, from, isRanked, has }: WalkedFor,
): Promise<{ readonly hits: readonly SearchHit[]; readonly end: MessageKey | undefined }> {
  const rows = await db.run<WalkedRow>(walkServiceStatement(has), [
    sidToUuid(serviceId),
    toMoment(until.createdAt),
    sidToUuid(until.channelId),
    until.index,
    size,
    query,
    from?.toISOString() ?? '-infinity',
    isRanked,
  ])
  const end = rows.find(({ place }) => place === size)
  return { hits: rows.filter(({ matches }) => matches).map(toHit), end: end && toHit(end) }
}

/** Replies are in the order of their index, which is that of their time. One that is not indexed yet does not match. */
const walkThreadStatement = (has: readonly SearchedAddition[]): string => `
SELECT * FROM (
  SELECT reply.*, row_number() OVER (ORDER BY reply.index DESC) AS place,
    reply.created_at >= $7::timestamptz AND (reply.created_at, reply.index) < ($5::timestamptz, $6::bigint)
      AND ${havingAll('coalesce(tokens @@ query, false)', 'reply', has)} AS matches,
    CASE WHEN $8 AND tokens @@ query THEN ts_rank(tokens, query, 1) ELSE 0 END::text AS rank
  FROM (SELECT $9::tsquery AS query) AS asked
  CROSS JOIN (
    SELECT channel_id, created_at, index FROM messages
    WHERE channel_id = $1::uuid AND parent_index = $2::bigint AND index < $3::bigint
    ORDER BY index DESC LIMIT $4::bigint
  ) AS reply
  LEFT JOIN LATERAL (
    SELECT tokens FROM message_search
    WHERE channel_id = reply.channel_id AND created_at = reply.created_at AND index = reply.index
  ) AS indexed ON true
) AS walked
WHERE matches OR place = $4::bigint`

/** Looks at the newest of the replies to a message that stand below an index; `end` is undefined at the end. */
export async function walkThread(
  db: Db,
  parent: IndexKey,
  below: number,
  until: Pick<MessageKey, 'createdAt' | 'index'>,
  size: number,
  { query, from, isRanked, has }: WalkedFor,
): Promise<{ readonly hits: readonly SearchHit[]; readonly end: MessageKey | undefined }> {
  const rows = await db.run<WalkedRow>(walkThreadStatement(has), [
    sidToUuid(parent.channelId),
    parent.index,
    below,
    size,
    toMoment(until.createdAt),
    until.index,
    from?.toISOString() ?? '-infinity',
    isRanked,
    query,
  ])
  const last = rows.find(({ place }) => place === size)
  const end = last && toHit(last)
  return {
    hits: rows.filter(({ matches }) => matches).map(toHit),
    end: from && end && end.createdAt < from.getTime() ? undefined : end,
  }
}

const toMoment = (time: number): string => (time === Infinity ? 'infinity' : new Date(time).toISOString())

const indexStatement = (has: readonly SearchedAddition[]): string => `
WITH asked AS (
  SELECT $1::tsquery AS query
), found AS MATERIALIZED (
  SELECT service_id, channel_id, created_at, index, ${rank('$10')}
  FROM message_search, asked WHERE tokens @@ query
  LIMIT $2::bigint
)
SELECT counted.total, newest.*
FROM (SELECT count(*) AS total FROM found) AS counted
LEFT JOIN LATERAL (
  SELECT channel_id, created_at, index, rank FROM found
  WHERE service_id = $3::uuid AND ($4::uuid[] IS NULL OR channel_id = ANY ($4::uuid[])) AND created_at >= $5::timestamptz
    AND (created_at, channel_id, index) < ($6::text::timestamptz, $7::uuid, $8::bigint) AND ${havingAll('true', 'found', has)}
  ORDER BY created_at DESC, channel_id DESC, index DESC
  LIMIT $9::bigint
) AS newest ON true`

/**
 * The newest messages that match, from the index of tokens; undefined when more than `max` match in the whole service. The planner would walk
 * the table where it expects many.
 */
export async function readIndexedHits(
  db: Db,
  asked: WalkedFor & {
    readonly max: number
    readonly serviceId: ServiceId
    readonly channelIds: readonly ChannelId[] | undefined
    readonly until: MessageKey
    readonly limit: number
  },
): Promise<SearchHit[] | undefined> {
  const { until } = asked
  const rows = await db.transaction(async (tx) => {
    await tx.run('SET LOCAL enable_seqscan = off', [])
    return tx.run<HitRow & { readonly total: number }>(indexStatement(asked.has), [
      asked.query,
      asked.max + 1,
      sidToUuid(asked.serviceId),
      asked.channelIds === undefined ? null : uuidArray(asked.channelIds),
      asked.from?.toISOString() ?? '-infinity',
      toMoment(until.createdAt),
      sidToUuid(until.channelId),
      until.index,
      asked.limit,
      asked.isRanked,
    ])
  })
  if (rows[0]!.total > asked.max) return undefined
  return rows.filter(({ channel_id }) => channel_id !== null).map(toHit)
}

const foundStatement = `
SELECT messages.*
FROM unnest($1::uuid[], $2::bigint[]) AS hit (channel_id, index)
JOIN messages ON messages.channel_id = hit.channel_id AND messages.index = hit.index
JOIN channels ON channels.id = hit.channel_id
WHERE messages.deleted_at IS NULL AND messages.index >= channels.first_index AND channels.deleted_at IS NULL`

/** The messages as they are now, without those that nobody sees any more. */
export async function readFoundMessages(db: Db, hits: readonly MessageKey[]): Promise<Message[]> {
  if (hits.length === 0) return []
  const rows = await db.run<MessageRow>(foundStatement, [
    uuidArray(hits.map(({ channelId }) => channelId)),
    bigintArray(hits.map(({ index }) => index)),
  ])
  return rows.map(fromMessageRow)
}

/** By the time of the change, so that of a long rest the newest is looked at. */
const restStatement = `
SELECT rest.*
FROM (
  SELECT changed.*, sum(octet_length(changed.body)) OVER (ORDER BY changed.updated_at DESC, changed.channel_id, changed.seq DESC) AS bytes
  FROM unnest($1::uuid[], $2::bigint[]) AS lane (id, seq)
  JOIN channels ON channels.id = lane.id
  CROSS JOIN LATERAL (
    SELECT * FROM messages WHERE channel_id = lane.id AND seq > lane.seq ORDER BY seq DESC LIMIT $3::bigint
  ) AS changed
  WHERE changed.deleted_at IS NULL AND changed.stream_state IS DISTINCT FROM 'streaming' AND changed.index >= channels.first_index
) AS rest
WHERE bytes <= $4::bigint`

/** The messages that are not yet in `message_search` as they are, the newest `size` of each channel and of all together so many bytes. */
export async function readUnindexedMessages(
  db: Db,
  channels: readonly Pick<SearchedChannel, 'id' | 'indexedSeq'>[],
  size: number,
  bytes: number,
): Promise<Message[]> {
  if (channels.length === 0) return []
  const rows = await db.run<MessageRow>(restStatement, [
    uuidArray(channels.map(({ id }) => id)),
    bigintArray(channels.map(({ indexedSeq }) => indexedSeq)),
    size,
    bytes,
  ])
  return rows.map(fromMessageRow)
}

const rankStatement = `
SELECT ts_rank(tokens::tsvector, $2::tsquery, 1)::text AS rank
FROM unnest($1::text[]) WITH ORDINALITY AS given (tokens, number) ORDER BY number`

/** The rank of messages that are not in `message_search`, by their tokens. */
export async function readRanks(db: Db, tokens: readonly string[], query: string): Promise<number[]> {
  const rows = await db.run<{ rank: string }>(rankStatement, [tokens, query])
  return rows.map((row) => Number(row.rank))
}
