import { and, asc, eq, gt, lte, sql } from 'drizzle-orm'
import type { DraftState } from '../model/draft.ts'
import type { Invite } from '../model/invite.ts'
import type { Member } from '../model/member.ts'
import type { SavedMessage } from '../model/saved-message.ts'
import type { ScheduledMessage } from '../model/scheduled-message.ts'
import { sidToUuid, type ChannelId, type UserId } from '../model/sid.ts'
import type { FollowedThread } from '../model/thread.ts'
import type { User } from '../model/user.ts'
import { isDraftGone } from './draft.ts'
import { placeholder, prepareOnce, type Db } from './engine/db.ts'
import { selectSaved, toSaved } from './saved-message.ts'
import { drafts } from './tables/draft.ts'
import { invites } from './tables/invite.ts'
import { members } from './tables/member.ts'
import { savedMessages } from './tables/saved-message.ts'
import { scheduledMessages } from './tables/scheduled-message.ts'
import { threadFollowers } from './tables/thread-follower.ts'
import { userChannels } from './tables/user-channel.ts'
import { users } from './tables/user.ts'

type Tables = typeof members | typeof invites | typeof userChannels | typeof threadFollowers | OwnTable
type OwnTable = typeof drafts | typeof scheduledMessages | typeof savedMessages

const inRange = (column: Tables['userSeq']) =>
  and(gt(column, placeholder(column, 'after')), lte(column, placeholder(column, 'through')))

const changedMemberships = prepareOnce((orm) =>
  orm
    .select()
    .from(members)
    .where(and(eq(members.userId, placeholder(members.userId, 'userId')), inRange(members.userSeq)))
    .orderBy(asc(members.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_memberships'),
)

const changedInvites = prepareOnce((orm) =>
  orm
    .select()
    .from(invites)
    .where(and(eq(invites.userId, placeholder(invites.userId, 'userId')), inRange(invites.userSeq)))
    .orderBy(asc(invites.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_invites'),
)

const changedStates = prepareOnce((orm) =>
  orm
    .select({ channelId: userChannels.channelId, userSeq: userChannels.userSeq })
    .from(userChannels)
    .where(and(eq(userChannels.userId, placeholder(userChannels.userId, 'userId')), inRange(userChannels.userSeq)))
    .orderBy(asc(userChannels.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_states'),
)

const changedThreads = prepareOnce((orm) =>
  orm
    .select()
    .from(threadFollowers)
    .where(
      and(
        eq(threadFollowers.userId, placeholder(threadFollowers.userId, 'userId')),
        inRange(threadFollowers.userSeq),
        // As the index has it, which has no other rows.
        gt(threadFollowers.userSeq, sql`0`),
      ),
    )
    .orderBy(asc(threadFollowers.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_threads'),
)

const inOwnRange = ({ userId, userSeq }: OwnTable) => and(eq(userId, placeholder(userId, 'userId')), inRange(userSeq))

const changedDrafts = prepareOnce((orm) =>
  orm
    .select({ draft: drafts, isGone: isDraftGone })
    .from(drafts)
    .where(inOwnRange(drafts))
    .orderBy(asc(drafts.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_drafts'),
)

const changedScheduled = prepareOnce((orm) =>
  orm
    .select()
    .from(scheduledMessages)
    .where(inOwnRange(scheduledMessages))
    .orderBy(asc(scheduledMessages.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_scheduled'),
)

const changedSaved = prepareOnce((orm) =>
  selectSaved(orm)
    .where(inOwnRange(savedMessages))
    .orderBy(asc(savedMessages.userSeq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_saved'),
)

/** Most users that come back have changed none of the three, so one statement asks for all of them. */
const ownKindsStatement = `
SELECT
  EXISTS (SELECT FROM drafts WHERE user_id = $1::uuid AND user_seq > $2::bigint) AS draft,
  EXISTS (SELECT FROM scheduled_messages WHERE user_id = $1::uuid AND user_seq > $2::bigint) AS scheduled,
  EXISTS (SELECT FROM saved_messages WHERE user_id = $1::uuid AND user_seq > $2::bigint) AS saved`

async function readOwnChanges(db: Db, range: { userId: UserId; after: number; through: number; limit: number }) {
  const [kinds] = await db.run<{ draft: boolean; scheduled: boolean; saved: boolean }>(ownKindsStatement, [
    sidToUuid(range.userId),
    range.after,
  ])
  const [draft, scheduled, saved] = await Promise.all([
    kinds!.draft ? changedDrafts(db).execute(range) : [],
    kinds!.scheduled ? changedScheduled(db).execute(range) : [],
    kinds!.saved ? changedSaved(db).execute(range) : [],
  ])
  return {
    draft: draft.map((row): DraftState => ({ ...row.draft, isGone: row.isGone })),
    scheduled,
    saved: saved.map(toSaved),
  }
}

const userById = prepareOnce((orm) =>
  orm
    .select()
    .from(users)
    .where(eq(users.id, placeholder(users.id, 'userId')))
    .prepare('user_by_id'),
)

/** What the user keeps about a channel, has read in it or may do there has changed. */
export interface ChannelStateChange {
  readonly channelId: ChannelId
  readonly userSeq: number
}

/** All that changed about a user in a range of its `seq`, each thing in its latest state. Numbers without a row were superseded. */
export interface UserChanges {
  readonly changed: {
    /** Empty when its own fields did not change. */
    readonly user: readonly User[]
    readonly member: readonly Member[]
    readonly invite: readonly Invite[]
    readonly state: readonly ChannelStateChange[]
    readonly thread: readonly FollowedThread[]
    readonly draft: readonly DraftState[]
    readonly scheduled: readonly ScheduledMessage[]
    readonly saved: readonly SavedMessage[]
  }
  /** The `seq` that this is complete up to. */
  readonly through: number
  /** There is more, beyond `through`. */
  readonly hasMore: boolean
}

const noChange = { user: [], member: [], invite: [], state: [], thread: [], draft: [], scheduled: [], saved: [] }

/**
 * What changed about a user after its `seq`, of each kind at most so many. The reads are not one snapshot and need not be: what changes in
 * between moves beyond `through`, and is found the next time.
 */
export async function readUserChanges(db: Db, userId: UserId, after: number, limit: number): Promise<UserChanges> {
  const [user] = await userById(db).execute({ userId })
  const lastSeq = user?.lastSeq ?? after
  if (!user || lastSeq <= after) return { changed: noChange, through: after, hasMore: false }
  const range = { userId, after, through: lastSeq, limit }
  const [memberRows, inviteRows, states, threads, own] = await Promise.all([
    changedMemberships(db).execute(range),
    changedInvites(db).execute(range),
    changedStates(db).execute(range),
    changedThreads(db).execute(range),
    readOwnChanges(db, range),
  ])
  const full = [memberRows, inviteRows, states, threads, ...Object.values(own)].filter(({ length }) => length === limit)
  const through = Math.min(lastSeq, ...full.map((rows) => rows.at(-1)!.userSeq))
  const isRead = ({ userSeq }: { readonly userSeq: number }): boolean => userSeq <= through
  return {
    changed: {
      user: user.seq > after && user.seq <= through ? [user] : [],
      member: memberRows.filter(isRead),
      invite: inviteRows.filter(isRead),
      state: states.filter(isRead),
      thread: threads.filter(isRead),
      draft: own.draft.filter(isRead),
      scheduled: own.scheduled.filter(isRead),
      saved: own.saved.filter(isRead),
    },
    through,
    hasMore: through < lastSeq,
  }
}
