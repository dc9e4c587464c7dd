import { and, asc, eq, gt, lte } from 'drizzle-orm'
import type { Invite } from '../model/invite.ts'
import type { Member } from '../model/member.ts'
import type { ChannelId, UserId } from '../model/sid.ts'
import type { User } from '../model/user.ts'
import { placeholder, prepareOnce, type Db } from './engine/db.ts'
import { invites } from './tables/invite.ts'
import { members } from './tables/member.ts'
import { userChannels } from './tables/user-channel.ts'
import { users } from './tables/user.ts'

const inRange = (column: typeof members.userSeq | typeof invites.userSeq | typeof userChannels.userSeq) =>
  and(gt(column, placeholder(column, 'after')), lte(column, placeholder(column, 'through')))

const changedMemberships = prepareOnce((orm) =>
  orm
    .select()
    .from(members)
    .where(and(eq(members.userId, placeholder(members.userId, 'userId')), inRange(members.userSeq)))
    .orderBy(asc(members.userSeq))
    .prepare('changed_memberships'),
)

const changedInvites = prepareOnce((orm) =>
  orm
    .select()
    .from(invites)
    .where(and(eq(invites.userId, placeholder(invites.userId, 'userId')), inRange(invites.userSeq)))
    .orderBy(asc(invites.userSeq))
    .prepare('changed_invites'),
)

const changedStates = prepareOnce((orm) =>
  orm
    .select({ channelId: userChannels.channelId, userSeq: userChannels.userSeq })
    .from(userChannels)
    .where(and(eq(userChannels.userId, placeholder(userChannels.userId, 'userId')), inRange(userChannels.userSeq)))
    .orderBy(asc(userChannels.userSeq))
    .prepare('changed_states'),
)

const userById = prepareOnce((orm) =>
  orm
    .select()
    .from(users)
    .where(eq(users.id, placeholder(users.id, 'userId')))
    .prepare('user_by_id'),
)

export interface UserChanges {
  /** The `seq` that this is complete up to. */
  readonly through: number
  /** Set when the user's own fields changed. */
  readonly user: User | undefined
  readonly members: readonly Member[]
  readonly invites: readonly Invite[]
  /** Of what the user keeps about channels and has read in them. */
  readonly states: readonly { readonly channelId: ChannelId; readonly userSeq: number }[]
}

/**
 * What changed about a user after its `seq`, each in its latest state. The reads are not one snapshot and need not be: what
 * changes in between moves beyond `through`, and is found the next time.
 */
export async function readUserChanges(db: Db, userId: UserId, after: number): Promise<UserChanges> {
  const [user] = await userById(db).execute({ userId })
  const through = user?.lastSeq ?? after
  if (!user || through <= after) return { through: after, user: undefined, members: [], invites: [], states: [] }
  const range = { userId, after, through }
  const [memberRows, inviteRows, states] = await Promise.all([
    changedMemberships(db).execute(range),
    changedInvites(db).execute(range),
    changedStates(db).execute(range),
  ])
  return { through, user: user.seq > after ? user : undefined, members: memberRows, invites: inviteRows, states }
}
