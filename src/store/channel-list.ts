import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Channel, ChannelType } from '../model/channel.ts'
import type { Member } from '../model/member.ts'
import type { Message } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type MemberId, type UserId } from '../model/sid.ts'
import type { ChannelPreferences } from '../model/user-channel.ts'
import { prepareOnce, uuidArray, type Db } from './engine/db.ts'
import { unreadOf } from './read-state.ts'
import { lastShownIndex, shownAtOf, shownIndexOf } from './shown.ts'
import { channels } from './tables/channel.ts'
import { members } from './tables/member.ts'
import { messages } from './tables/message.ts'
import { userChannels } from './tables/user-channel.ts'

/** What a channel is listed and filtered by. */
export interface ChannelKey {
  /** Of the channel. */
  readonly id: ChannelId
  readonly memberId: MemberId
  /** Milliseconds of the newest message, or of the joining when that is later. */
  readonly activeAt: number
  /** The friendly name, or else the unique name; empty when the channel has neither. */
  readonly name: string
  readonly type: ChannelType
  readonly isDirect: boolean
  /** A direct channel that another user has opened, without a message. */
  readonly isUnopened: boolean
  readonly isPinned: boolean
  readonly isMuted: boolean
  readonly isArchived: boolean
  readonly isHidden: boolean
  readonly isUnread: boolean
}

interface ChannelKeyRow extends Record<string, unknown> {
  readonly now: number
  readonly member_id: string
  readonly channel_id: string
  readonly active_at: number
  readonly name: string
  readonly type: ChannelType
  readonly is_direct: boolean
  readonly is_unopened: boolean
  readonly is_pinned: boolean
  readonly is_muted: boolean
  readonly is_archived: boolean
  readonly is_hidden: boolean
  readonly is_unread: boolean
}

const milliseconds = (moment: string): string => `(extract(epoch FROM ${moment}) * 1000)::bigint`

/**
 * Reads no text of the channels but their names: of a thousand channels all but one page are left out. The limit keeps Postgres from comparing each
 * membership with all of the user's preferences, which it would where it expects few.
 */
const keysStatement = (isUnread: string, joins: string): string => `
SELECT ${milliseconds('now()')} AS now, m.id AS member_id, m.channel_id,
  ${milliseconds(`greatest(${shownAtOf('c')}, m.created_at)`)} AS active_at,
  coalesce(nullif(c.friendly_name, ''), c.unique_name, '') AS name, c.type,
  c.direct_key IS NOT NULL AS is_direct,
  c.direct_key IS NOT NULL AND c.last_index < 0 AND m.added_by = 'user' AS is_unopened,
  uc.pinned_order IS NOT NULL AS is_pinned,
  coalesce(uc.mute_ends_at > now(), false) AS is_muted,
  uc.archived_at IS NOT NULL AS is_archived,
  coalesce(uc.hidden_index >= ${shownIndexOf('c')}, false) AS is_hidden,
  ${isUnread} AS is_unread
FROM members m
JOIN channels c ON c.id = m.channel_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT * FROM user_channels WHERE user_id = m.user_id AND channel_id = m.channel_id LIMIT 1
) AS uc ON true
${joins}
WHERE m.user_id = $1 AND m.left_at IS NULL`

const plainKeys = keysStatement('false', '')
const keysWithUnread = keysStatement('unread.count > 0', unreadOf)

/**
 * All channels that a user is in, in no order, and the time at which they were read, by the database's clock. `isUnread` is false unless it is asked
 * for. There are some thousands at most: `userChannelsLimit` bounds each kind of membership.
 */
export async function readChannelKeys(
  db: Db,
  userId: UserId,
  { withUnread }: { readonly withUnread: boolean },
): Promise<{ readonly now: number; readonly keys: ChannelKey[] }> {
  const rows = await db.run<ChannelKeyRow>(withUnread ? keysWithUnread : plainKeys, [sidToUuid(userId)])
  const keys = rows.map((row) => ({
    id: uuidToSid('CH', row.channel_id),
    memberId: uuidToSid('MB', row.member_id),
    activeAt: row.active_at,
    name: row.name,
    type: row.type,
    isDirect: row.is_direct,
    isUnopened: row.is_unopened,
    isPinned: row.is_pinned,
    isMuted: row.is_muted,
    isArchived: row.is_archived,
    isHidden: row.is_hidden,
    isUnread: row.is_unread,
  }))
  return { now: rows[0]?.now ?? 0, keys }
}

/** A membership with all that a list of channels shows of it. */
export interface ChannelListRow {
  readonly member: Member
  readonly channel: Channel
  /** Null while none were set. */
  readonly preferences: ChannelPreferences | null
  readonly unreadCount: number
  /** The newest message that the channel shows and that is not deleted. */
  readonly lastMessage: Message | null
}

const m = alias(members, 'm')
const c = alias(channels, 'c')

const channelListRows = prepareOnce((orm) => {
  const newest = orm
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.channelId, m.channelId),
        sql`${messages.index} = (${sql.raw(lastShownIndex('c', 'c.last_index'))})`,
      ),
    )
    .limit(1)
    .as('newest')
  return orm
    .select({
      member: getTableColumns(m),
      channel: getTableColumns(c),
      preferences: getTableColumns(userChannels),
      unreadCount: sql<number>`counted.count`,
      lastMessage: newest._.selectedFields,
    })
    .from(m)
    .innerJoin(c, and(eq(c.id, m.channelId), isNull(c.deletedAt)))
    .leftJoin(userChannels, and(eq(userChannels.userId, m.userId), eq(userChannels.channelId, m.channelId)))
    .leftJoinLateral(newest, sql`true`)
    .crossJoinLateral(sql.raw(`(SELECT unread.count FROM (SELECT) AS one ${unreadOf}) AS counted`))
    .where(and(sql`${m.id} = ANY (${sql.placeholder('memberIds')}::uuid[])`, isNull(m.leftAt)))
    .prepare('channel_list_rows')
})

/** Those of these memberships that have not ended, in no order. */
export async function readChannelListRows(db: Db, memberIds: readonly MemberId[]): Promise<ChannelListRow[]> {
  return channelListRows(db).execute({ memberIds: uuidArray(memberIds) }) as never
}
