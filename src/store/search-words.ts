import { bucketOf, type SimilarTo } from '../model/search-words.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId } from '../model/sid.ts'
import { bigintArray, uuidArray, type Db } from './engine/db.ts'

const knownStatement = `
SELECT DISTINCT asked.word
FROM unnest($1::uuid[]) AS channel (id)
CROSS JOIN unnest($2::int[], $3::text[]) AS asked (bucket, word)
CROSS JOIN LATERAL (
  SELECT words FROM search_words WHERE channel_id = channel.id AND bucket = asked.bucket LIMIT 1
) AS known
WHERE strpos(known.words, ' ' || asked.word || ' ') > 0`

/** Which of these words are words of one of the channels. */
export async function readKnownWords(
  db: Db,
  channelIds: readonly ChannelId[],
  words: readonly string[],
): Promise<string[]> {
  const rows = await db.run<{ word: string }>(knownStatement, [
    uuidArray(channelIds),
    bigintArray(words.map(bucketOf)),
    words,
  ])
  return rows.map(({ word }) => word)
}

const similarStatement = `
SELECT DISTINCT word
FROM (
  SELECT bucket.* FROM unnest($1::uuid[]) AS channel (id)
  CROSS JOIN LATERAL (
    SELECT bucket, words FROM search_words WHERE channel_id = channel.id AND bucket >= $2::int ORDER BY bucket LIMIT $7::bigint
  ) AS bucket
  LIMIT $7::bigint
) AS read
CROSS JOIN LATERAL unnest(string_to_array(btrim(words, ' '), ' ')) AS word
WHERE ((bucket <= $3::int AND words LIKE ANY ($4::text[])) OR words LIKE $6::text)
  AND ((bucket <= $3::int AND word LIKE ANY ($5::text[])) OR word LIKE $6::text)
LIMIT $8::bigint`

/**
 * Words of the channels that may be similar to one, at most `limit`. It reads at most `buckets`, of the first channels where all have more.
 */
export async function readSimilarWords(
  db: Db,
  channelIds: readonly ChannelId[],
  { word, firstBucket, lastBucket, pieces, isPart }: SimilarTo,
  buckets: number,
  limit: number,
): Promise<string[]> {
  const rows = await db.run<{ word: string }>(similarStatement, [
    uuidArray(channelIds),
    firstBucket,
    lastBucket,
    pieces.map((piece) => piece.replace(/^(?!%)/, '% ').replace(/(?<!%)$/, ' %')),
    pieces,
    isPart ? `%${word}%` : null,
    buckets,
    limit,
  ])
  return rows.map((row) => row.word)
}

const newestStatement = `
SELECT channel_id
FROM (
  SELECT channel_id, created_at FROM message_search WHERE service_id = $1::uuid
  ORDER BY service_id DESC, created_at DESC, channel_id DESC, index DESC
  LIMIT $2::bigint
) AS newest
GROUP BY channel_id ORDER BY max(created_at) DESC LIMIT $3::bigint`

/** The channels of the newest messages of a service. */
export async function readNewestChannels(
  db: Db,
  serviceId: ServiceId,
  messages: number,
  limit: number,
): Promise<ChannelId[]> {
  const rows = await db.run<{ channel_id: string }>(newestStatement, [sidToUuid(serviceId), messages, limit])
  return rows.map(({ channel_id }) => uuidToSid('CH', channel_id))
}
