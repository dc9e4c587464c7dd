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
SELECT words FROM (
  SELECT words, sum(octet_length(words)) OVER (ROWS UNBOUNDED PRECEDING) AS bytes
  FROM (
    SELECT kept.* FROM unnest($1::uuid[]) AS channel (id)
    CROSS JOIN LATERAL (
      SELECT bucket, words FROM search_words WHERE channel_id = channel.id AND bucket >= $2::int LIMIT $6::bigint
    ) AS kept
    LIMIT $6::bigint
  ) AS looked_at
  WHERE (bucket <= $3::int AND words LIKE ANY ($4::text[])) OR words LIKE $5::text
) AS read
WHERE bytes <= $7::bigint`

/**
 * Words of the channels, among them those that are similar to one. At most so many buckets are looked at and so many bytes are read, those of
 * the first channels.
 */
export async function readSimilarWords(
  db: Db,
  channelIds: readonly ChannelId[],
  { word, firstBucket, lastBucket, pieces, isPart }: SimilarTo,
  buckets: number,
  bytes: number,
): Promise<string[]> {
  const rows = await db.run<{ words: string }>(similarStatement, [
    uuidArray(channelIds),
    firstBucket,
    lastBucket,
    pieces.map(({ text, place }) => (place === 'start' ? `% ${text}%` : place === 'end' ? `%${text} %` : `%${text}%`)),
    isPart ? `%${word}%` : null,
    buckets,
    bytes,
  ])
  return rows.flatMap(({ words }) => words.trim().split(' '))
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
