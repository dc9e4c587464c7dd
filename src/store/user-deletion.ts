import { and, asc, eq, getTableColumns, inArray, isNull, sql } from 'drizzle-orm'
import type { Member } from '../model/member.ts'
import type { ChannelId, UserId } from '../model/sid.ts'
import type { User } from '../model/user.ts'
import { deleteDraftsOf } from './draft.ts'
import type { Precondition, Tx } from './engine/db.ts'
import { deleteSavedOf } from './saved-message.ts'
import { deleteScheduledOf } from './scheduled-message.ts'
import { channels } from './tables/channel.ts'
import { deliveries } from './tables/delivery.ts'
import { invites } from './tables/invite.ts'
import { members } from './tables/member.ts'
import { users } from './tables/user.ts'
import { deleteFollowedThreads } from './thread-follower.ts'
import { deletePreferencesOf } from './user-channel-preferences.ts'
import { updateUserRow } from './user.ts'

export interface DeletedUser {
  readonly user: User
  /** The memberships that the deletion has ended. */
  readonly left: readonly Member[]
}

/** What a tombstone keeps of a user's own fields. */
const nothing = {
  friendlyName: null,
  attributes: '{}',
  avatarUrl: null,
  statusText: null,
  statusEmoji: null,
  statusEndsAt: null,
  locale: null,
  timeZone: null,
  lastSeenAt: null,
} as const

async function readChannelIds(tx: Tx, userId: UserId): Promise<ChannelId[]> {
  const rows = await tx.orm
    .select({ id: channels.id })
    .from(members)
    .innerJoin(channels, eq(channels.id, members.channelId))
    .where(and(eq(members.userId, userId), isNull(members.leftAt), isNull(channels.deletedAt)))
  return rows.map(({ id }) => id)
}

/** Locks the user's row. Answers whether it is there and not deleted. */
async function lockUser(tx: Tx, userId: UserId): Promise<boolean> {
  const rows = await tx.orm
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), isNull(users.deletedAt)))
    .for('update')
  return rows.length > 0
}

/**
 * Makes the user, its memberships and its invites tombstones. Locks the channels in the order of their ids, as sends do, and then the user, whose
 * memberships cannot change any more. Answers `again` when the user has joined another channel meanwhile, whose lock would come in the wrong
 * order: then the transaction must be rolled back. Answers undefined when the user is deleted already. `precondition` is called under the lock of
 * the user, who is there; it throws where the user is to stay.
 */
export async function deleteUserRow(
  tx: Tx,
  userId: UserId,
  precondition?: Precondition,
): Promise<DeletedUser | 'again' | undefined> {
  const known = await readChannelIds(tx, userId)
  await tx.orm
    .select({ id: channels.id })
    .from(channels)
    .where(inArray(channels.id, known))
    .orderBy(asc(channels.id))
    .for('update')
  if (precondition) {
    if (!(await lockUser(tx, userId))) return undefined
    await precondition(tx)
  }
  const user = await updateUserRow(tx, userId, { ...nothing, deletedAt: new Date() })
  if (!user) return undefined
  const channelIds = await readChannelIds(tx, userId)
  if (channelIds.some((id) => !known.includes(id))) return 'again'
  await deletePreferencesOf(tx, userId)
  await deleteFollowedThreads(tx, userId)
  await deleteDraftsOf(tx, userId)
  await deleteScheduledOf(tx, userId)
  await deleteSavedOf(tx, userId)
  const left = channelIds.length === 0 ? [] : await endMemberships(tx, user, channelIds)
  const now = sql`clock_timestamp()`
  await tx.orm
    .update(invites)
    .set({ userSeq: user.seq, removedAt: now, updatedAt: now })
    .where(and(eq(invites.userId, userId), isNull(invites.removedAt)))
  return { user, left }
}

/** Ends the memberships: each takes its channel's next `seq`, and all have the user's `seq` of the deletion. */
async function endMemberships(tx: Tx, user: User, channelIds: readonly ChannelId[]): Promise<Member[]> {
  const ids = [...channelIds]
  const seq = sql`${channels.lastSeq} + 1`
  await tx.orm
    .update(channels)
    .set({ lastSeq: seq, lastLeftSeq: seq, membersCount: sql`${channels.membersCount} - 1` })
    .where(inArray(channels.id, ids))
  const now = sql`clock_timestamp()`
  const left = await tx.orm
    .update(members)
    .set({ seq: sql`${channels.lastSeq}`, userSeq: user.seq, leftAt: now, updatedAt: now })
    .from(channels)
    .where(
      and(
        eq(channels.id, members.channelId),
        inArray(members.channelId, ids),
        eq(members.userId, user.id),
        isNull(members.leftAt),
      ),
    )
    .returning(getTableColumns(members))
  await tx.orm.delete(deliveries).where(
    and(
      inArray(deliveries.channelId, ids),
      inArray(
        deliveries.memberId,
        left.map(({ id }) => id),
      ),
    ),
  )
  return left
}
