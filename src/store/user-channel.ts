import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Page } from '../model/page.ts'
import type { UserId, ChannelId } from '../model/sid.ts'
import type { UserChannel } from '../model/user.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
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
