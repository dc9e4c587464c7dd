import { sidToUuid, uuidToSid, type ChannelId, type ServiceId } from '../model/sid.ts'
import { bigintArray, uuidArray, type Db } from './engine/db.ts'

/** A channel and how far its messages are in `message_search`. */
export interface IndexingState {
  readonly channelId: ChannelId
  readonly serviceId: ServiceId
  readonly language: string
  readonly isDeleted: boolean
  readonly lastSeq: number
  readonly firstIndex: number
  /** Null before the first time. */
  readonly position: { readonly seq: number; readonly language: string; readonly firstIndex: number } | null
}

const unindexedStatement = `
SELECT channels.id,
  CASE
    WHEN channels.deleted_at IS NOT NULL THEN search_positions.channel_id IS NOT NULL
    ELSE channels.last_seq > coalesce(search_positions.seq, 0) OR search_positions.language <> services.language
      OR channels.first_index > coalesce(search_positions.first_index, 0)
  END AS is_unindexed
FROM (SELECT * FROM channels WHERE id > $1::uuid ORDER BY id LIMIT $2::bigint) AS channels
JOIN services ON services.id = channels.service_id
LEFT JOIN search_positions ON search_positions.channel_id = channels.id
ORDER BY channels.id`

/** Of the next channels after this one those that are behind, and the last one looked at; undefined when there is none. */
export async function readUnindexedChannels(
  db: Db,
  after: ChannelId,
  limit: number,
): Promise<{ readonly unindexed: readonly ChannelId[]; readonly last: ChannelId | undefined }> {
  const rows = await db.run<{ id: string; is_unindexed: boolean }>(unindexedStatement, [sidToUuid(after), limit])
  const ids = rows.map(({ id }) => uuidToSid('CH', id))
  return {
    unindexed: ids.filter((_, at) => rows[at]!.is_unindexed),
    last: rows.length < limit ? undefined : ids.at(-1),
  }
}

const stateStatement = `
SELECT channels.id, channels.service_id, services.language, channels.deleted_at IS NOT NULL AS is_deleted, channels.last_seq,
  channels.first_index, search_positions.seq, search_positions.language AS indexed_language,
  search_positions.first_index AS indexed_first_index
FROM channels
JOIN services ON services.id = channels.service_id
LEFT JOIN search_positions ON search_positions.channel_id = channels.id
WHERE channels.id = ANY ($1::uuid[])`

export async function readIndexingStates(db: Db, ids: readonly ChannelId[]): Promise<IndexingState[]> {
  const rows = await db.run<{
    id: string
    service_id: string
    language: string
    is_deleted: boolean
    last_seq: number
    first_index: number
    seq: number | null
    indexed_language: string
    indexed_first_index: number
  }>(stateStatement, [uuidArray(ids)])
  return rows.map((row) => ({
    channelId: uuidToSid('CH', row.id),
    serviceId: uuidToSid('IS', row.service_id),
    language: row.language,
    isDeleted: row.is_deleted,
    lastSeq: row.last_seq,
    firstIndex: row.first_index,
    position:
      row.seq === null ? null : { seq: row.seq, language: row.indexed_language, firstIndex: row.indexed_first_index },
  }))
}

/** A message as it was last changed. */
export interface ChangedText {
  readonly channelId: ChannelId
  readonly index: number
  readonly seq: number
  /** As Postgres writes it. */
  readonly createdAt: string
  /** Null of a deleted one, and of one whose text is being written. */
  readonly body: string | null
}

const changedStatement = `
SELECT changed.*
FROM unnest($1::uuid[], $2::bigint[]) AS unindexed (channel_id, seq)
CROSS JOIN LATERAL (
  SELECT channel_id, index, seq, created_at, CASE WHEN deleted_at IS NULL AND stream_state IS DISTINCT FROM 'streaming' THEN body END AS body
  FROM messages WHERE channel_id = unindexed.channel_id AND seq > unindexed.seq ORDER BY seq LIMIT $3::bigint
) AS changed`

/** The messages that have changed after each channel's `seq`, the first `size` of each, in the order of `seq`. */
export async function readChangedTexts(
  db: Db,
  channels: readonly { readonly channelId: ChannelId; readonly after: number }[],
  size: number,
): Promise<ChangedText[]> {
  const rows = await db.run<{
    channel_id: string
    index: number
    seq: number
    created_at: string
    body: string | null
  }>(changedStatement, [
    uuidArray(channels.map(({ channelId }) => channelId)),
    bigintArray(channels.map(({ after }) => after)),
    size,
  ])
  return rows.map((row) => ({
    channelId: uuidToSid('CH', row.channel_id),
    index: row.index,
    seq: row.seq,
    createdAt: row.created_at,
    body: row.body,
  }))
}

export interface IndexedText {
  readonly channelId: ChannelId
  readonly serviceId: ServiceId
  readonly createdAt: string
  readonly index: number
  /** A `tsvector` as text; null removes it. */
  readonly tokens: string | null
}

/** Words of a channel that are in one bucket, with spaces between them. */
export interface IndexedWords {
  readonly channelId: ChannelId
  readonly bucket: number
  readonly words: string
}

/** Bytes of words in a bucket beyond which none are added. */
const fullBucket = 1500

/** The move of a channel's position from where it was read. */
export interface PositionMove {
  readonly channelId: ChannelId
  readonly expected: number | null
  readonly seq: number
  readonly language: string
}

/**
 * Positions say who writes: of several processes that have read the same changes, one moves the position, and its rows are written. Positions
 * that are locked are somebody else's; new ones are inserted in one order, so that none waits for another in a circle.
 */
const writeStatement = `
WITH moves AS (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) AS move (channel_id, expected, seq, language)
), made AS (
  INSERT INTO search_positions (channel_id, seq, language)
  SELECT channel_id, seq, language FROM moves WHERE expected IS NULL ORDER BY channel_id
  ON CONFLICT DO NOTHING
  RETURNING channel_id
), locked AS (
  SELECT position.channel_id
  FROM search_positions AS position JOIN moves ON moves.channel_id = position.channel_id AND moves.expected = position.seq
  FOR UPDATE OF position SKIP LOCKED
), moved AS (
  UPDATE search_positions AS position SET seq = moves.seq, language = moves.language
  FROM moves JOIN locked ON locked.channel_id = moves.channel_id
  WHERE position.channel_id = moves.channel_id
  RETURNING position.channel_id
), ours AS MATERIALIZED (
  SELECT channel_id FROM made UNION ALL SELECT channel_id FROM moved
), texts AS (
  SELECT * FROM unnest($5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::text[])
    AS given (channel_id, service_id, created_at, index, tokens)
  WHERE channel_id IN (SELECT channel_id FROM ours)
), removed AS (
  DELETE FROM message_search AS stale USING texts
  WHERE texts.tokens IS NULL AND stale.channel_id = texts.channel_id AND stale.created_at = texts.created_at::timestamptz
    AND stale.index = texts.index
), words AS (
  SELECT given.channel_id, given.bucket, string_agg(word, ' ') AS words
  FROM unnest($10::uuid[], $11::int[], $12::text[]) AS given (channel_id, bucket, words)
  LEFT JOIN search_words AS known ON known.channel_id = given.channel_id AND known.bucket = given.bucket
  CROSS JOIN LATERAL unnest(string_to_array(given.words, ' ')) AS word
  WHERE given.channel_id IN (SELECT channel_id FROM ours)
    AND (known.words IS NULL OR (octet_length(known.words) < ${fullBucket} AND strpos(known.words, ' ' || word || ' ') = 0))
  GROUP BY given.channel_id, given.bucket
), learnt AS (
  INSERT INTO search_words (channel_id, bucket, words)
  SELECT channel_id, bucket, ' ' || words || ' ' FROM words
  ON CONFLICT (channel_id, bucket) DO UPDATE SET words = search_words.words || substr(excluded.words, 2)
)
INSERT INTO message_search (channel_id, created_at, index, service_id, tokens)
SELECT channel_id, created_at::timestamptz, index, service_id, tokens::tsvector FROM texts WHERE tokens IS NOT NULL
ON CONFLICT (channel_id, created_at, index) DO UPDATE SET tokens = excluded.tokens`

/** Writes what messages are found by and their words, and moves the positions of their channels, all or nothing. */
export async function writeIndexedTexts(
  db: Db,
  moves: readonly PositionMove[],
  texts: readonly IndexedText[],
  words: readonly IndexedWords[],
): Promise<void> {
  await db.run(writeStatement, [
    uuidArray(moves.map(({ channelId }) => channelId)),
    `{${moves.map(({ expected }) => expected ?? 'NULL').join()}}`,
    bigintArray(moves.map(({ seq }) => seq)),
    moves.map(({ language }) => language),
    uuidArray(texts.map(({ channelId }) => channelId)),
    uuidArray(texts.map(({ serviceId }) => serviceId)),
    texts.map(({ createdAt }) => createdAt),
    bigintArray(texts.map(({ index }) => index)),
    texts.map(({ tokens }) => tokens),
    uuidArray(words.map(({ channelId }) => channelId)),
    bigintArray(words.map(({ bucket }) => bucket)),
    words.map((one) => one.words),
  ])
}

const deleteStatement = `
WITH gone AS (
  SELECT channel_id, created_at, index FROM message_search
  WHERE channel_id = $1::uuid AND index < $2::bigint
  ORDER BY channel_id, created_at, index LIMIT $3::bigint
), deleted AS (
  DELETE FROM message_search AS stale USING gone
  WHERE stale.channel_id = gone.channel_id AND stale.created_at = gone.created_at AND stale.index = gone.index
  RETURNING 1
)
SELECT count(*) AS deleted FROM deleted`

/** Deletes rows of a channel below an index, at most so many, and answers how many it were. */
export async function deleteIndexedTexts(db: Db, channelId: ChannelId, index: number, limit: number): Promise<number> {
  const [row] = await db.run<{ deleted: number }>(deleteStatement, [sidToUuid(channelId), index, limit])
  return row!.deleted
}

/** Says that rows below an index are deleted; of a deleted channel that nothing of it is left. */
export async function finishDeletion(db: Db, channelId: ChannelId, firstIndex: number | undefined): Promise<void> {
  if (firstIndex === undefined) {
    await db.run(
      `WITH forgotten AS (DELETE FROM search_words WHERE channel_id = $1::uuid)
       DELETE FROM search_positions WHERE channel_id = $1::uuid`,
      [sidToUuid(channelId)],
    )
  } else {
    await db.run('UPDATE search_positions SET first_index = $2::bigint WHERE channel_id = $1::uuid', [
      sidToUuid(channelId),
      firstIndex,
    ])
  }
}
