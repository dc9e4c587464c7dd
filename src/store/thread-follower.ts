import { and, eq, sql } from 'drizzle-orm'
import type { Position } from '../model/cursor.ts'
import type { Message } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type MessageId, type UserId } from '../model/sid.ts'
import type { FollowedThread } from '../model/thread.ts'
import { bigintArray, toDate, uuidArray, type Db, type Tx } from './engine/db.ts'
import type { NewMention } from './mention.ts'
import { threadFollowers } from './tables/thread-follower.ts'

/** In the order of the key, as `readAllStatement` locks them. */
const followStatement = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) AS given (channel_id, parent_index, index, author)
), involved AS (
  SELECT channel_id, parent_index, author AS identity, max(index) AS read_index FROM given GROUP BY channel_id, parent_index, author
  UNION ALL
  SELECT DISTINCT given.channel_id, given.parent_index, parent.author, -1
  FROM given JOIN messages parent ON parent.channel_id = given.channel_id AND parent.index = given.parent_index
), followers AS (
  SELECT involved.channel_id, involved.parent_index, member.user_id, max(involved.read_index) AS read_index
  FROM involved CROSS JOIN LATERAL (
    SELECT user_id FROM members
    WHERE channel_id = involved.channel_id AND identity = involved.identity AND left_at IS NULL LIMIT 1
  ) AS member
  GROUP BY involved.channel_id, involved.parent_index, member.user_id
)
INSERT INTO thread_followers AS known (channel_id, parent_index, user_id, is_followed, read_index)
SELECT channel_id, parent_index, user_id, true, read_index FROM followers
ORDER BY channel_id, parent_index, user_id
ON CONFLICT (channel_id, parent_index, user_id) DO UPDATE
SET is_followed = known.is_followed OR EXCLUDED.read_index >= 0, read_index = greatest(known.read_index, EXCLUDED.read_index)
WHERE EXCLUDED.read_index > known.read_index`

/**
 * Lets the authors of new replies follow them, who have so read what stands above, and the author of the message that they answer, unless it has said
 * otherwise. In locked channels.
 */
export async function followReplies(tx: Tx, replies: readonly Message[]): Promise<void> {
  await tx.run(followStatement, [
    uuidArray(replies.map(({ channelId }) => channelId)),
    bigintArray(replies.map(({ parentIndex }) => parentIndex!)),
    bigintArray(replies.map(({ index }) => index)),
    replies.map(({ author }) => author),
  ])
}

const mentionedStatement = `
INSERT INTO thread_followers (channel_id, parent_index, user_id, is_followed, read_index)
SELECT DISTINCT ON (channel_id, parent_index, user_id) channel_id, parent_index, user_id, true, index - 1
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[]) AS named (channel_id, parent_index, index, user_id)
ORDER BY channel_id, parent_index, user_id, index
ON CONFLICT DO NOTHING`

/** Lets those whom new replies name follow them from there on, unless they have said otherwise. In locked channels. */
export async function followMentions(tx: Tx, mentions: readonly NewMention[]): Promise<void> {
  const ofReplies = mentions.filter(({ message }) => message.parentIndex != null)
  if (ofReplies.length === 0) return
  await tx.run(mentionedStatement, [
    uuidArray(ofReplies.map(({ message }) => message.channelId)),
    bigintArray(ofReplies.map(({ message }) => message.parentIndex!)),
    bigintArray(ofReplies.map(({ message }) => message.index)),
    uuidArray(ofReplies.map(({ userId }) => userId)),
  ])
}

export type ThreadKey = Pick<FollowedThread, 'channelId' | 'parentIndex' | 'userId'>

const isThread = ({ channelId, parentIndex, userId }: ThreadKey) =>
  and(
    eq(threadFollowers.channelId, channelId),
    eq(threadFollowers.parentIndex, parentIndex),
    eq(threadFollowers.userId, userId),
  )

export async function readFollowedThread(db: Db | Tx, key: ThreadKey): Promise<FollowedThread | undefined> {
  const [row] = await db.orm.select().from(threadFollowers).where(isThread(key))
  return row
}

/** Writes what a user keeps about a thread, of which it never reads less than before; the caller has locked its row and taken `userSeq`. */
export async function writeFollowedThread(tx: Tx, thread: FollowedThread): Promise<FollowedThread> {
  const { isFollowed, readIndex, userSeq } = thread
  const [row] = await tx.orm
    .insert(threadFollowers)
    .values(thread)
    .onConflictDoUpdate({
      target: [threadFollowers.channelId, threadFollowers.parentIndex, threadFollowers.userId],
      set: { isFollowed, userSeq, readIndex: sql`greatest(${threadFollowers.readIndex}, ${readIndex})` },
    })
    .returning()
  return row!
}

/** Those of a user that leaves a channel for good, or that joins it again; of a deleted user in all channels. */
export async function deleteFollowedThreads(tx: Tx, userId: UserId, channelId?: ChannelId): Promise<void> {
  await tx.orm
    .delete(threadFollowers)
    .where(and(eq(threadFollowers.userId, userId), channelId && eq(threadFollowers.channelId, channelId)))
}

const readAllStatement = `
WITH reader AS (
  SELECT id, last_seq FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
), due AS (
  SELECT f.channel_id, f.parent_index, e.last_reply_index
  FROM reader
  JOIN thread_followers f ON f.user_id = reader.id AND f.is_followed
  JOIN message_extras e ON e.channel_id = f.channel_id AND e.index = f.parent_index AND e.last_reply_index > f.read_index
  ORDER BY f.channel_id, f.parent_index
  FOR UPDATE OF f
), numbered AS (
  SELECT due.*, row_number() OVER (ORDER BY channel_id, parent_index) AS number FROM due
), counted AS (
  UPDATE users SET last_seq = users.last_seq + (SELECT count(*) FROM due) FROM reader WHERE users.id = reader.id AND EXISTS (SELECT FROM due)
)
UPDATE thread_followers f SET read_index = numbered.last_reply_index, user_seq = reader.last_seq + numbered.number
FROM reader, numbered
WHERE f.user_id = reader.id AND f.channel_id = numbered.channel_id AND f.parent_index = numbered.parent_index
RETURNING f.*`

interface FollowedRow extends Record<string, unknown> {
  readonly channel_id: string
  readonly parent_index: number
  readonly user_id: string
  readonly is_followed: boolean
  readonly read_index: number
  readonly user_seq: number
}

const toThread = (row: FollowedRow): FollowedThread => ({
  channelId: uuidToSid('CH', row.channel_id),
  parentIndex: row.parent_index,
  userId: uuidToSid('US', row.user_id),
  isFollowed: row.is_followed,
  readIndex: row.read_index,
  userSeq: row.user_seq,
})

/** Marks all replies of all threads that a user follows as read, under its next numbers, and answers those that have changed. */
export async function readAllThreads(db: Db, userId: UserId): Promise<FollowedThread[]> {
  return (await db.run<FollowedRow>(readAllStatement, [sidToUuid(userId)])).map(toThread)
}

/** What is unread of the thread `f` for the member `m`: replies of others that are neither deleted nor silent. */
const unreadOf = (f: string): string => `
  SELECT count(*) AS count FROM messages reply
  WHERE reply.channel_id = ${f}.channel_id AND reply.parent_index = ${f}.parent_index
    AND reply.index > greatest(${f}.read_index, m.joined_index)
    AND reply.deleted_at IS NULL AND reply.is_silent IS NOT TRUE AND reply.author <> m.identity`

const unreadStatement = `
SELECT f.ordinal, unread.count, c.last_index, c.last_seq
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[]) WITH ORDINALITY
  AS f (channel_id, parent_index, user_id, read_index, ordinal)
CROSS JOIN LATERAL (SELECT last_index, last_seq FROM channels WHERE id = f.channel_id LIMIT 1) AS c
CROSS JOIN LATERAL (
  SELECT * FROM members WHERE channel_id = f.channel_id AND user_id = f.user_id AND left_at IS NULL LIMIT 1
) AS m
CROSS JOIN LATERAL (${unreadOf('f')}) AS unread`

/** What is unread of a thread, and the position of the channel that this is as of. */
export interface ThreadCount {
  readonly unreadCount: number
  readonly through: Position
}

/** How many replies are unread of each of these threads; undefined where the user is no member any more. */
export async function readThreadCounts(
  db: Db,
  threads: readonly FollowedThread[],
): Promise<(ThreadCount | undefined)[]> {
  const rows = await db.run<{ ordinal: number; count: number; last_index: number; last_seq: number }>(unreadStatement, [
    uuidArray(threads.map(({ channelId }) => channelId)),
    bigintArray(threads.map(({ parentIndex }) => parentIndex)),
    uuidArray(threads.map(({ userId }) => userId)),
    bigintArray(threads.map(({ readIndex }) => readIndex)),
  ])
  const counts = new Map(
    rows.map(({ ordinal, count: unreadCount, last_index: index, last_seq: seq }) => [
      ordinal,
      { unreadCount, through: { index, seq } },
    ]),
  )
  return threads.map((_, at) => counts.get(at + 1))
}

/** A followed thread as it is listed. */
export interface ListedThread {
  /** Of the message that is replied to. */
  readonly id: MessageId
  readonly lastReplyAt: Date
  readonly thread: FollowedThread
  readonly unreadCount: number
}

/** What is read to the end is not looked at. */
const listStatement = `
SELECT f.*, parent.id, e.last_reply_at, unread.count
FROM thread_followers f
JOIN message_extras e ON e.channel_id = f.channel_id AND e.index = f.parent_index AND e.last_reply_at >= $2::timestamptz
CROSS JOIN LATERAL (
  SELECT * FROM members WHERE channel_id = f.channel_id AND user_id = f.user_id AND left_at IS NULL LIMIT 1
) AS m
CROSS JOIN LATERAL (
  SELECT * FROM channels WHERE id = f.channel_id AND deleted_at IS NULL AND first_index <= f.parent_index LIMIT 1
) AS c
JOIN messages parent ON parent.channel_id = f.channel_id AND parent.index = f.parent_index
CROSS JOIN LATERAL (${unreadOf('f')} AND e.last_reply_index > f.read_index) AS unread
WHERE f.user_id = $1 AND f.is_followed`

type ListedRow = FollowedRow & { readonly id: string; readonly last_reply_at: string; readonly count: number }

/** All threads that a user follows and that have had a reply since, in no order. */
export async function readFollowedThreads(db: Db, userId: UserId, since: Date): Promise<ListedThread[]> {
  const rows = await db.run<ListedRow>(listStatement, [sidToUuid(userId), since.toISOString()])
  return rows.map((row) => ({
    id: uuidToSid('IM', row.id),
    lastReplyAt: toDate(row.last_reply_at),
    thread: toThread(row),
    unreadCount: row.count,
  }))
}
