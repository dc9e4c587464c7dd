import type { Message, MessageKey } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type MemberId, type UserId } from '../model/sid.ts'
import { bigintArray, uuidArray, type Db, type Tx } from './engine/db.ts'
import { fromMessageRow, type MessageRow } from './message-row.ts'
import type { NewMentions } from './message.ts'
import { horizonOf, mentionsAbove, namesChannel } from './read-state.ts'

/** A user whom a message names. */
export interface NewMention {
  readonly userId: UserId
  readonly message: Pick<Message, 'channelId' | 'index' | 'createdAt' | 'isSilent' | 'parentIndex'>
}

/** The rows of those whom a message names, but for its author. */
export const mentionsOf = (message: Message, mentions: NewMentions | undefined): NewMention[] =>
  (mentions?.named ?? []).flatMap(({ identity, userId }) => (identity === message.author ? [] : { userId, message }))

const insertStatement = `
INSERT INTO mentions (user_id, channel_id, index, created_at, is_silent)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::boolean[])
ON CONFLICT DO NOTHING`

/** Writes whom messages of locked channels name. */
export async function insertMentions(tx: Tx, mentions: readonly NewMention[]): Promise<void> {
  if (mentions.length === 0) return
  await tx.run(insertStatement, [
    uuidArray(mentions.map(({ userId }) => userId)),
    uuidArray(mentions.map(({ message }) => message.channelId)),
    bigintArray(mentions.map(({ message }) => message.index)),
    mentions.map(({ message }) => message.createdAt.toISOString()),
    `{${mentions.map(({ message }) => message.isSilent === true).join()}}`,
  ])
}

/** Takes off whom a message of a locked channel names, but for those who stay. */
export async function deleteMentions(
  tx: Tx,
  { channelId, index }: MessageKey,
  but: readonly UserId[] = [],
): Promise<void> {
  await tx.run('DELETE FROM mentions WHERE channel_id = $1 AND index = $2 AND user_id <> ALL ($3::uuid[])', [
    sidToUuid(channelId),
    index,
    uuidArray(but),
  ])
}

/** The unread mentions of the member `m` of the channel `c`, as `mentioned.count`. */
const mentionedOf = `${horizonOf}
CROSS JOIN LATERAL (SELECT ${mentionsAbove('horizon.index')} AS count) AS mentioned`

const countsStatement = `
SELECT m.id, mentioned.count
FROM members m
JOIN channels c ON c.id = m.channel_id
${mentionedOf}
WHERE m.id = ANY ($1::uuid[])`

/** How many messages that members have not read name them, in no order. */
export async function readMentionCounts(db: Db, memberIds: readonly MemberId[]): Promise<Map<MemberId, number>> {
  const rows = await db.run<{ id: string; count: number }>(countsStatement, [uuidArray(memberIds)])
  return new Map(rows.map(({ id, count }) => [uuidToSid('MB', id), count]))
}

const totalStatement = `
SELECT coalesce(sum(mentioned.count), 0)::bigint AS count
FROM members m
JOIN channels c ON c.id = m.channel_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT * FROM user_channels WHERE user_id = m.user_id AND channel_id = m.channel_id LIMIT 1
) AS uc ON true
${mentionedOf}
WHERE m.user_id = $1 AND m.left_at IS NULL AND uc.archived_at IS NULL`

/** The same over all channels of a user but those that it has archived: a mention comes through where a channel is muted. */
export async function readMentionTotal(db: Db, userId: UserId): Promise<number> {
  const [row] = await db.run<{ count: number }>(totalStatement, [sidToUuid(userId)])
  return row!.count
}

/** The place of a mention among the others of its user: by time, and where that is the same by the message. */
export interface MentionPlace {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly channelId: ChannelId
  readonly index: number
}

/**
 * Of each channel of the user the newest mentions, and of those the newest of all. In a channel the order of time is that of the index, so the
 * `size` newest of each are enough.
 */
const pageStatement = (isBackwards: boolean): string => {
  const [beyond, order] = isBackwards ? ['>', 'ASC'] : ['<', 'DESC']
  const at = '($2::timestamptz, $3::uuid, $4::bigint)'
  const within = (row: string): string =>
    `${row}.index > bounds.low AND ($2::timestamptz IS NULL OR (${row}.created_at, ${row}.channel_id, ${row}.index) ${beyond} ${at})`
  return `
SELECT message.*
FROM (
SELECT m.channel_id, found.index, found.created_at
FROM members m
JOIN channels c ON c.id = m.channel_id AND c.deleted_at IS NULL
${horizonOf}
CROSS JOIN LATERAL (
  SELECT greatest(m.joined_index, c.first_index - 1, CASE WHEN $6::boolean THEN horizon.index END) AS low
) AS bounds
CROSS JOIN LATERAL (
  (
    SELECT mention.index, mention.created_at FROM mentions mention
    WHERE mention.user_id = m.user_id AND mention.channel_id = m.channel_id AND ${within('mention')}
      AND NOT ($6::boolean AND mention.is_silent)
    ORDER BY mention.index ${order} LIMIT $5
  ) UNION ALL (
    SELECT message.index, message.created_at FROM messages message
    WHERE message.channel_id = m.channel_id AND ${within('message')} AND ${namesChannel('message')}
      AND NOT ($6::boolean AND message.is_silent IS NOT NULL)
    ORDER BY message.index ${order} LIMIT $5
  )
) AS found
WHERE m.user_id = $1 AND m.left_at IS NULL
ORDER BY found.created_at ${order}, m.channel_id ${order}, found.index ${order}
LIMIT $5
) AS page
CROSS JOIN LATERAL (
  SELECT * FROM messages WHERE channel_id = page.channel_id AND index >= page.index ORDER BY index LIMIT 1
) AS message
ORDER BY message.created_at ${order}, message.channel_id ${order}, message.index ${order}`
}

const statements = { forwards: pageStatement(false), backwards: pageStatement(true) }

/** The messages that name a user, newest first, or from a place on oldest first where `isBackwards`. */
export async function readMentionPage(
  db: Db,
  userId: UserId,
  { from, size, isBackwards, unread }: MentionPage,
): Promise<Message[]> {
  const rows = await db.run<MessageRow>(isBackwards ? statements.backwards : statements.forwards, [
    sidToUuid(userId),
    from ? new Date(from.time).toISOString() : null,
    from ? sidToUuid(from.channelId) : null,
    from?.index ?? null,
    size,
    unread,
  ])
  return rows.map(fromMessageRow)
}

export interface MentionPage {
  readonly from: MentionPlace | undefined
  readonly size: number
  readonly isBackwards: boolean
  /** Only those that the user has not read. */
  readonly unread: boolean
}
