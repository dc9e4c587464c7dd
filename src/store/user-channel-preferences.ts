import { and, eq, sql } from 'drizzle-orm'
import type { ChannelId, MemberId, UserId } from '../model/sid.ts'
import type { ChannelPreferences } from '../model/user-channel.ts'
import { prepareOnce, uuidArray, type Db, type Tx } from './engine/db.ts'
import { shownIndexOf } from './shown.ts'
import { channels } from './tables/channel.ts'
import { members } from './tables/member.ts'
import { userChannels } from './tables/user-channel.ts'

/** Fields that are undefined keep their values. */
export interface PreferencesChange extends Partial<
  Pick<ChannelPreferences, 'pinnedOrder' | 'muteEndsAt' | 'notificationLevel' | 'attributes'>
> {
  readonly isArchived?: boolean | undefined
  readonly isHidden?: boolean | undefined
}

/** The caller has locked the user's row and taken `userSeq`. */
export async function writePreferences(
  tx: Tx,
  { userId, channelId }: { readonly userId: UserId; readonly channelId: ChannelId },
  userSeq: number,
  { isArchived, isHidden, ...fields }: PreferencesChange,
): Promise<ChannelPreferences> {
  const lastIndex = sql`(SELECT ${channels.lastIndex} FROM ${channels} WHERE ${eq(channels.id, channelId)})`
  const change = {
    ...fields,
    ...(isArchived !== undefined && { archivedAt: isArchived ? sql`clock_timestamp()` : null }),
    ...(isHidden !== undefined && { hiddenIndex: isHidden ? lastIndex : null }),
    userSeq,
    updatedAt: sql`clock_timestamp()`,
  }
  const [row] = await tx.orm
    .insert(userChannels)
    .values({ userId, channelId, ...change })
    .onConflictDoUpdate({ target: [userChannels.userId, userChannels.channelId], set: change })
    .returning()
  return row!
}

/** The preferences of a membership, and the index of the newest message that its channel shows. */
export interface MemberPreferences {
  readonly id: MemberId
  readonly shownIndex: number
  /** Null while none were set. */
  readonly preferences: ChannelPreferences | null
}

const preferencesOfMembers = prepareOnce((orm) =>
  orm
    .select({
      id: members.id,
      shownIndex: sql<number>`${sql.raw(shownIndexOf('channels'))}`,
      preferences: userChannels,
    })
    .from(members)
    .innerJoin(channels, eq(channels.id, members.channelId))
    .leftJoin(userChannels, and(eq(userChannels.userId, members.userId), eq(userChannels.channelId, members.channelId)))
    .where(sql`${members.id} = ANY (${sql.placeholder('memberIds')}::uuid[])`)
    .prepare('preferences_of_members'),
)

export async function readPreferences(db: Db, memberIds: readonly MemberId[]): Promise<MemberPreferences[]> {
  return preferencesOfMembers(db).execute({ memberIds: uuidArray(memberIds) })
}

/** Who joins a channel again begins with nothing set. */
export async function deletePreferences(tx: Tx, userId: UserId, channelId: ChannelId): Promise<void> {
  await tx.orm.delete(userChannels).where(and(eq(userChannels.userId, userId), eq(userChannels.channelId, channelId)))
}

/** Those of a deleted user, whose row stays. */
export async function deletePreferencesOf(tx: Tx, userId: UserId): Promise<void> {
  await tx.orm.delete(userChannels).where(eq(userChannels.userId, userId))
}
