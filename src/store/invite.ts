import { and, asc, desc, eq, getTableColumns, gt, inArray, isNull, sql } from 'drizzle-orm'
import type { Invite } from '../model/invite.ts'
import type { Page } from '../model/page.ts'
import type { ChannelId, InviteId, ServiceId, UserId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { channels } from './tables/channel.ts'
import { sidOfNow } from './tables/columns.ts'
import { invites } from './tables/invite.ts'
import { roles } from './tables/service.ts'
import { users } from './tables/user.ts'

export type NewInvite = Pick<Invite, 'channelId' | 'id' | 'userId' | 'identity' | 'roleId' | 'createdBy' | 'userSeq'>

/** Its SID is made anew, by the time of the database. Throws the violation of `invites_user` when the user is invited already. */
export async function insertInvite(tx: Tx, invite: NewInvite): Promise<Invite> {
  const now = sql`clock_timestamp()`
  const [row] = await tx.orm
    .insert(invites)
    .values({ ...invite, id: sidOfNow(invite.id), createdAt: now, updatedAt: now })
    .returning()
  return row!
}

/** A pending invite by its id. The channel is not deleted. */
export async function readInvite(db: Db, id: InviteId): Promise<Invite | undefined> {
  const [row] = await db.orm
    .select({ invite: invites })
    .from(invites)
    .innerJoin(channels, and(eq(channels.id, invites.channelId), isNull(channels.deletedAt)))
    .where(and(eq(invites.id, id), isNull(invites.removedAt)))
  return row?.invite
}

export async function readInviteOf(db: Db | Tx, channelId: ChannelId, userId: UserId): Promise<Invite | undefined> {
  const [row] = await db.orm
    .select()
    .from(invites)
    .where(and(eq(invites.channelId, channelId), eq(invites.userId, userId), isNull(invites.removedAt)))
  return row
}

/** Pending invites of a user by id, oldest first. */
export async function readInvitesOf(
  db: Db,
  userId: UserId,
  after: InviteId | undefined,
  limit: number,
): Promise<Invite[]> {
  return db.orm
    .select()
    .from(invites)
    .where(
      and(
        eq(invites.userId, userId),
        isNull(invites.removedAt),
        after === undefined ? undefined : gt(invites.id, after),
      ),
    )
    .orderBy(asc(invites.id))
    .limit(limit)
}

/** Removes an invite. The caller has locked its channel and its user. */
export async function removeInviteRow(
  tx: Tx,
  { channelId, id }: Pick<Invite, 'channelId' | 'id'>,
  userSeq: number,
): Promise<Invite> {
  const now = sql`clock_timestamp()`
  const [row] = await tx.orm
    .update(invites)
    .set({ userSeq, removedAt: now, updatedAt: now })
    .where(and(eq(invites.channelId, channelId), eq(invites.id, id)))
    .returning()
  return row!
}

/**
 * Removes all invites to a locked channel. Locks users in one order, so that two of these cannot wait for each other, and gives
 * each its next `seq`.
 */
export async function removeInvitesTo(tx: Tx, channelId: ChannelId): Promise<Invite[]> {
  const invited = tx.orm
    .select({ id: users.id })
    .from(users)
    .innerJoin(invites, eq(invites.userId, users.id))
    .where(and(eq(invites.channelId, channelId), isNull(invites.removedAt)))
    .orderBy(asc(users.id))
    .for('update', { of: users })
  const userIds = (await invited).map(({ id }) => id)
  if (userIds.length === 0) return []
  await tx.orm
    .update(users)
    .set({ lastSeq: sql`${users.lastSeq} + 1` })
    .where(inArray(users.id, userIds))
  const now = sql`clock_timestamp()`
  return tx.orm
    .update(invites)
    .set({ userSeq: sql`${users.lastSeq}`, removedAt: now, updatedAt: now })
    .from(users)
    .where(and(eq(invites.channelId, channelId), eq(users.id, invites.userId), isNull(invites.removedAt)))
    .returning(getTableColumns(invites))
}

/** One page of a channel's invites by id, oldest first; of all, or of those to these identities. */
export async function readInvitePage(
  db: Db,
  channelId: ChannelId,
  page: Page<InviteId>,
  identities?: readonly string[],
): Promise<Invite[]> {
  return db.orm
    .select()
    .from(invites)
    .where(
      and(
        eq(invites.channelId, channelId),
        isNull(invites.removedAt),
        isInPage(invites.id, page),
        identities === undefined ? undefined : inArray(invites.identity, [...identities]),
      ),
    )
    .orderBy(pageOrder(invites.id, page))
    .limit(page.size + 1)
}

/**
 * One page of a service's invites by id, oldest first. An invite belongs to a service by the role that it gives, a deleted one too: of each role a page
 * is read, and they are merged.
 */
export async function readServiceInvitePage(db: Db, serviceId: ServiceId, page: Page<InviteId>): Promise<Invite[]> {
  const ofRole = db.orm
    .select()
    .from(invites)
    .where(and(eq(invites.roleId, roles.id), isNull(invites.removedAt), isInPage(invites.id, page)))
    .orderBy(pageOrder(invites.id, page))
    .limit(page.size + 1)
    .as('of_role')
  return db.orm
    .select(ofRole._.selectedFields)
    .from(roles)
    .crossJoinLateral(ofRole)
    .where(and(eq(roles.serviceId, serviceId), eq(roles.type, 'channel')))
    .orderBy(page.backwards ? desc(ofRole.id) : asc(ofRole.id))
    .limit(page.size + 1)
}

/** One page of a user's invites by id, oldest first. */
export async function readUserInvitePage(db: Db, userId: UserId, page: Page<InviteId>): Promise<Invite[]> {
  return db.orm
    .select()
    .from(invites)
    .where(and(eq(invites.userId, userId), isNull(invites.removedAt), isInPage(invites.id, page)))
    .orderBy(pageOrder(invites.id, page))
    .limit(page.size + 1)
}
