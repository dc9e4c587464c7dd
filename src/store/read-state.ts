import type { Message } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type MemberId, type UserId } from '../model/sid.ts'
import type { UnreadTotals } from '../model/user-channel.ts'
import { uuidArray, type Db } from './engine/db.ts'
import { fromMessageRow, type MessageRow } from './message-row.ts'
import { authorShownIndex, noBound, shownIndexOf, shownWalk, uncountedAbove } from './shown.ts'

/**
 * The effective horizon of the member `m` of the channel `c`: what is above counts as unread. While it has marked messages as unread and sent none
 * since, it is the index before the first of them, else the greatest of where it joined, what it has read and its own newest message that the
 * channel shows. Each part is one look at an index, however much is unread, and where all is read there is none. The limit keeps Postgres from looking for the
 * newest message once for each use of it.
 */
export const horizonOf = `
LEFT JOIN LATERAL (${authorShownIndex({
  channelId: 'm.channel_id',
  identity: 'm.identity',
  hiddenIndex: 'c.hidden_reply_index',
  where: '(c.last_index > greatest(m.joined_index, m.last_read_index) OR m.unread_from IS NOT NULL)',
})}
) AS own ON true
CROSS JOIN LATERAL (
  SELECT greatest(
    CASE WHEN m.unread_from IS NOT NULL AND coalesce(own.index, -1) <= m.unread_marked_index THEN m.unread_from - 1
      ELSE greatest(m.joined_index, m.last_read_index, own.index) END,
    c.first_index - 1
  ) AS index
) AS horizon`

/**
 * The unread messages of the member `m` of the channel `c`, as `unread.count`.
 * Messages are numbered without gaps, so those above the horizon are a difference. Taken off it are those that count for none, deleted ones and
 * the member's own, which stand above a horizon that was marked only.
 */
export const unreadOf = `${horizonOf}
CROSS JOIN LATERAL (
  SELECT count(*) FROM messages
  WHERE c.last_index > horizon.index
    AND channel_id = m.channel_id AND index > horizon.index AND deleted_at IS NOT NULL AND uncounted IS NULL
) AS deleted
CROSS JOIN LATERAL (
  SELECT count(*) FROM messages
  WHERE own.index > horizon.index
    AND channel_id = m.channel_id AND author = m.identity AND index > horizon.index AND deleted_at IS NULL AND uncounted IS NULL
) AS written
CROSS JOIN LATERAL (SELECT ${uncountedAbove('c', 'horizon.index')} AS count LIMIT 1) AS left_out
CROSS JOIN LATERAL (
  SELECT greatest(c.last_index - horizon.index - left_out.count - deleted.count - written.count, 0) AS count
) AS unread`

/** Whether a message that names all of its channel names the member `m` too, and is not one that names it by itself. */
export const namesChannel = (message: string): string =>
  `${message}.mentions_channel AND ${message}.deleted_at IS NULL AND ${message}.author <> m.identity
    AND NOT coalesce(m.identity = ANY (${message}.mentions), false)`

/** How many messages above an index name the member `m`, silent ones left out. Both parts look at an index of mentions alone. */
export const mentionsAbove = (index: string): string => `(
    SELECT count(*) FROM mentions
    WHERE user_id = m.user_id AND channel_id = m.channel_id AND index > ${index} AND NOT is_silent
  ) + (
    SELECT count(*) FROM messages message
    WHERE message.channel_id = m.channel_id AND message.index > ${index} AND message.is_silent IS NULL AND ${namesChannel('message')}
  )`

const countsStatement = `
SELECT m.id, m.channel_id, c.last_index, horizon.index AS horizon, unread.count AS unread
FROM members m
JOIN channels c ON c.id = m.channel_id
${unreadOf}
WHERE m.id = ANY ($1::uuid[])`

export interface UnreadCount {
  readonly id: MemberId
  readonly channelId: ChannelId
  /** Index of the newest message that the count knows of; -1 when there was none. */
  readonly through: number
  /** What is above counts as unread. */
  readonly horizon: number
  /** Messages of others above the horizon that are not deleted. */
  readonly unread: number
}

/** What members have not read: exact, in one statement, in no order. */
export async function readUnreadCounts(db: Db, memberIds: readonly MemberId[]): Promise<UnreadCount[]> {
  const rows = await db.run<{ id: string; channel_id: string; last_index: number; horizon: number; unread: number }>(
    countsStatement,
    [uuidArray(memberIds)],
  )
  return rows.map(({ id, channel_id: channelId, last_index: through, horizon, unread }) => ({
    id: uuidToSid('MB', id),
    channelId: uuidToSid('CH', channelId),
    through,
    horizon,
    unread,
  }))
}

const firstUnreadStatement = `
SELECT m.id AS member_id, first.*
FROM members m
JOIN channels c ON c.id = m.channel_id
${horizonOf}
CROSS JOIN LATERAL (
  SELECT * FROM messages WHERE channel_id = m.channel_id AND index = (${shownWalk({
    channelId: 'm.channel_id',
    past: 'horizon.index',
    bound: noBound.forwards,
    limit: '1',
    isBackwards: false,
    isWanted: (message) =>
      `${message}.author <> m.identity AND ${message}.deleted_at IS NULL AND ${message}.uncounted IS NULL`,
  })})
  LIMIT 1
) AS first
WHERE m.id = ANY ($1::uuid[])`

/** The first message that counts as unread, for each member that has one. */
export async function readFirstUnread(
  db: Db,
  memberIds: readonly MemberId[],
): Promise<{ readonly memberId: MemberId; readonly message: Message }[]> {
  const rows = await db.run<MessageRow & { member_id: string }>(firstUnreadStatement, [uuidArray(memberIds)])
  return rows.map((row) => ({ memberId: uuidToSid('MB', row.member_id), message: fromMessageRow(row) }))
}

// The limit keeps Postgres from comparing each membership with all of the user's preferences, which it would where it expects few.
const totalsStatement = `
SELECT coalesce(sum(unread.count), 0)::bigint AS messages,
  count(*) FILTER (WHERE unread.count > 0) AS channels,
  count(*) FILTER (WHERE unread.count > 0 AND c.direct_key IS NOT NULL) AS direct_channels
FROM members m
JOIN channels c ON c.id = m.channel_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT * FROM user_channels WHERE user_id = m.user_id AND channel_id = m.channel_id LIMIT 1
) AS uc ON true
${unreadOf}
WHERE m.user_id = $1 AND m.left_at IS NULL
  AND uc.archived_at IS NULL
  AND (uc.mute_ends_at IS NULL OR uc.mute_ends_at <= now())
  AND (uc.hidden_index IS NULL OR uc.hidden_index < ${shownIndexOf('c')})`

/** Over all channels of a user but those that it has muted, archived or hidden. */
export async function readUnreadTotals(db: Db, userId: UserId): Promise<UnreadTotals> {
  const [row] = await db.run<{ messages: number; channels: number; direct_channels: number }>(totalsStatement, [
    sidToUuid(userId),
  ])
  return { messages: row!.messages, channels: row!.channels, directChannels: row!.direct_channels }
}

/** Where no message is unread, a reply that the channel does not show may still name the member. */
const unreadMembersStatement = `
SELECT m.channel_id, m.id, c.last_index
FROM members m
JOIN channels c ON c.id = m.channel_id AND c.deleted_at IS NULL
${unreadOf}
WHERE m.user_id = $1 AND m.left_at IS NULL AND (
  unread.count > 0 OR CASE WHEN c.uncounted_index > horizon.index THEN ${mentionsAbove('horizon.index')} > 0 ELSE false END
)
ORDER BY m.channel_id`

/** A membership, and the index of its channel's newest message. */
export interface Readable {
  readonly channelId: ChannelId
  readonly memberId: MemberId
  readonly lastIndex: number
}

/** The memberships of a user in channels where it has not read everything, or not all that names it. */
export async function readUnreadMembers(db: Db, userId: UserId): Promise<Readable[]> {
  const rows = await db.run<{ channel_id: string; id: string; last_index: number }>(unreadMembersStatement, [
    sidToUuid(userId),
  ])
  return rows.map(({ channel_id, id, last_index }) => ({
    channelId: uuidToSid('CH', channel_id),
    memberId: uuidToSid('MB', id),
    lastIndex: last_index,
  }))
}
