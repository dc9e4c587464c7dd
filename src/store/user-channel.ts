import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Page } from '../model/page.ts'
import { sidToUuid, uuidToSid, type ChannelId, type UserId } from '../model/sid.ts'
import type { UserChannel } from '../model/user.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { shownAtOf } from './shown.ts'
import { channels } from './tables/channel.ts'
import { invites } from './tables/invite.ts'
import { members } from './tables/member.ts'
import { userChannels } from './tables/user-channel.ts'

/** One page of the channels that a user is in or invited to, by the channel's id. */
export async function readUserChannelPage(db: Db, userId: UserId, page: Page<ChannelId>): Promise<UserChannel[]> {
  const isMember = and(eq(members.userId, userId), isNull(members.leftAt))
  const isInvited = and(eq(invites.userId, userId), isNull(invites.removedAt))
  const ids = unionAll(
    db.orm.select({ id: members.channelId }).from(members).where(isMember),
    db.orm.select({ id: invites.channelId }).from(invites).where(isInvited),
  )
  return db.orm
    .select({ channel: channels, member: members, invite: invites })
    .from(channels)
    .leftJoin(members, and(eq(members.channelId, channels.id), isMember))
    .leftJoin(invites, and(eq(invites.channelId, channels.id), isInvited))
    .where(and(inArray(channels.id, ids), isNull(channels.deletedAt), isInPage(channels.id, page)))
    .orderBy(pageOrder(channels.id, page))
    .limit(page.size + 1)
}

/** The number of channels that each of these users is in. Users in none are left out. */
export async function readJoinedChannelsCounts(
  db: Db,
  userIds: readonly UserId[],
): Promise<{ userId: UserId; count: number }[]> {
  return db.orm
    .select({ userId: members.userId, count: count() })
    .from(members)
    .innerJoin(channels, and(eq(channels.id, members.channelId), isNull(channels.deletedAt)))
    .where(and(inArray(members.userId, [...userIds]), isNull(members.leftAt)))
    .groupBy(members.userId)
}

/** Notes that what the user knows of its own about a channel has changed with this `seq`, which it has just taken under the lock of its row. */
export async function stampUserChannel(tx: Tx, userId: UserId, channelId: ChannelId, userSeq: number): Promise<void> {
  const changed = { userSeq, updatedAt: sql`clock_timestamp()` }
  await tx.orm
    .insert(userChannels)
    .values({ userId, channelId, ...changed })
    .onConflictDoUpdate({ target: [userChannels.userId, userChannels.channelId], set: changed })
}

/** A channel of a user, as far as it is needed to find it by name. */
export interface SwitcherChannel {
  readonly id: ChannelId
  readonly uniqueName: string | null
  readonly friendlyName: string | null
  /** It is a direct one, and what is looked for begins names of the people in it. */
  readonly hasPerson: boolean
}

const switcherStatement = `
SELECT c.id, c.unique_name, c.friendly_name, c.direct_key IS NOT NULL AND cardinality($2::text[]) > 0 AND (
  SELECT count(*) FROM unnest($2::text[]) AS prefix
  WHERE (
    SELECT count(*) FROM members AS peer JOIN user_names AS own ON own.user_id = peer.user_id
    WHERE peer.channel_id = c.id AND peer.left_at IS NULL AND peer.user_id <> m.user_id AND starts_with(own.token, prefix)
  ) = 0
) = 0 AS has_person
FROM members AS m JOIN channels AS c ON c.id = m.channel_id AND c.deleted_at IS NULL
WHERE m.user_id = $1::uuid AND m.left_at IS NULL
  AND NOT (c.direct_key IS NOT NULL AND c.last_index < 0 AND m.added_by = 'user')
ORDER BY greatest(${shownAtOf('c')}, m.created_at) DESC, c.id DESC`

/**
 * All channels of a user, of which there are a thousand or two at most, the one with the latest message or joining first. Direct channels that
 * another user has opened are left out until they have a message, as in the channel list.
 */
export async function readSwitcherChannels(
  db: Db,
  userId: UserId,
  prefixes: readonly string[],
): Promise<SwitcherChannel[]> {
  const rows = await db.run<{
    id: string
    unique_name: string | null
    friendly_name: string | null
    has_person: boolean
  }>(switcherStatement, [sidToUuid(userId), prefixes])
  return rows.map((row) => ({
    id: uuidToSid('CH', row.id),
    uniqueName: row.unique_name,
    friendlyName: row.friendly_name,
    hasPerson: row.has_person,
  }))
}
