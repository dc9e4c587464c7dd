import type { SearchedAddition, SearchHit, SearchKey } from '../model/message-search.ts'
import type { MessageKey } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId } from '../model/sid.ts'
import { bigintArray, toDate, uuidArray, type Db } from './engine/db.ts'
import { nextExtras } from './message-row.ts'

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
  readonly until: Pick<SearchKey, 'createdAt' | 'index'>
  /** How many rows to look at. */
  readonly size: number
}

export interface Walked {
  readonly hits: readonly SearchHit[]
  /** By the place of the lane: the last row that was looked at, where there may be more. */
  readonly ends: ReadonlyMap<number, Pick<SearchKey, 'createdAt' | 'index'>>
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
  const ends = new Map<number, Pick<SearchKey, 'createdAt' | 'index'>>()
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
  until: SearchKey,
  size: number,
  { query, from, isRanked, has }: WalkedFor,
): Promise<{ readonly hits: readonly SearchHit[]; readonly end: SearchKey | undefined }> {
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
  parent: MessageKey,
  below: number,
  until: Pick<SearchKey, 'createdAt' | 'index'>,
  size: number,
  { query, from, isRanked, has }: WalkedFor,
): Promise<{ readonly hits: readonly SearchHit[]; readonly end: SearchKey | undefined }> {
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
    readonly until: SearchKey
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
