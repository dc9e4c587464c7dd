import type { SearchKey } from '../model/message-search.ts'
import type { Message } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId, type UserId } from '../model/sid.ts'
import { bigintArray, toDateOrNull, uuidArray, type Db } from './engine/db.ts'
import { fromMessageRow, type MessageRow } from './message-row.ts'

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

const foundStatement = `
SELECT messages.*
FROM unnest($1::uuid[], $2::bigint[]) AS hit (channel_id, index)
JOIN messages ON messages.channel_id = hit.channel_id AND messages.index = hit.index
JOIN channels ON channels.id = hit.channel_id
WHERE messages.deleted_at IS NULL AND messages.index >= channels.first_index AND channels.deleted_at IS NULL`

/** The messages as they are now, without those that nobody sees any more. */
export async function readFoundMessages(db: Db, hits: readonly SearchKey[]): Promise<Message[]> {
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
