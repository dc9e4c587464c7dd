import { and, eq, inArray, isNull, ne, sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import type { AddedBy, Member } from '../model/member.ts'
import type { Page } from '../model/page.ts'
import type { ChannelId, MemberId, UserId } from '../model/sid.ts'
import { placeholder, prepareOnce, uuidArray, type Db, type Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { channels } from './tables/channel.ts'
import { sidOfNow } from './tables/columns.ts'
import { deliveries } from './tables/delivery.ts'
import { members } from './tables/member.ts'

export type NewMember = Pick<
  Member,
  'channelId' | 'id' | 'userId' | 'identity' | 'roleId' | 'seq' | 'joinedSeq' | 'joinedIndex' | 'userSeq'
> & { readonly addedBy: AddedBy }

/** Inserts it with a new SID, by the database's time. */
export async function insertMember(tx: Tx, member: NewMember): Promise<Member> {
  const [row] = await tx.orm
    .insert(members)
    .values({
      ...member,
      id: sidOfNow(member.id),
      createdAt: sql`clock_timestamp()`,
      updatedAt: sql`clock_timestamp()`,
    })
    .returning()
  return row!
}

/** Undefined when the member has left. */
export async function updateMemberRow(
  tx: Tx | Db,
  member: Pick<Member, 'channelId' | 'id'>,
  change: Partial<Pick<Member, 'roleId' | 'seq' | 'userSeq'>> & { leftAt?: 'now' },
): Promise<Member | undefined> {
  const now = sql`clock_timestamp()`
  const { leftAt, ...fields } = change
  const [row] = await tx.orm
    .update(members)
    .set({
      ...fields,
      ...(leftAt && { leftAt: now }),
      updatedAt: now,
    })
    .where(and(eq(members.channelId, member.channelId), eq(members.id, member.id), isNull(members.leftAt)))
    .returning()
  return row
}

export async function readMemberOf(db: Db | Tx, channelId: ChannelId, userId: UserId): Promise<Member | undefined> {
  const [row] = await db.orm
    .select()
    .from(members)
    .where(and(eq(members.channelId, channelId), eq(members.userId, userId), isNull(members.leftAt)))
  return row
}

/**
 * Whether a row of `members` is what the user of another row has in the channel of another row now. A range of one channel leaves the user's own memberships as
 * the only way there: by an equation of channels the planner may go through all members of the channel, since most have few, and does so for each row.
 */
export const isPresentIn = (channelId: SQLWrapper, userId: SQLWrapper): SQL | undefined =>
  and(
    sql`${members.channelId} BETWEEN ${channelId} AND ${channelId}`,
    sql`${members.userId} = ${userId}`,
    isNull(members.leftAt),
  )

export async function readMemberByIdentity(
  db: Db,
  channelId: ChannelId,
  identity: string,
): Promise<Member | undefined> {
  const [row] = await db.orm
    .select()
    .from(members)
    .where(and(eq(members.channelId, channelId), eq(members.identity, identity), isNull(members.leftAt)))
  return row
}

export async function readMembers(db: Db, ids: readonly MemberId[]): Promise<Member[]> {
  return db.orm
    .select()
    .from(members)
    .where(and(inArray(members.id, [...ids]), isNull(members.leftAt)))
}

/**
 * Memberships of deleted channels are not counted, and direct channels without a message count apart. Those that other users have added count apart
 * from all others.
 */
export async function countMemberships(
  tx: Tx,
  userId: UserId,
  addedBy: AddedBy,
): Promise<{ readonly memberships: number; readonly emptyDirect: number }> {
  const isEmptyDirect = sql`(${channels.directKey} IS NOT NULL AND ${channels.lastIndex} < 0)`
  const [row] = await tx.orm
    .select({
      memberships: sql<number>`count(*) FILTER (WHERE NOT ${isEmptyDirect})`.mapWith(Number),
      emptyDirect: sql<number>`count(*) FILTER (WHERE ${isEmptyDirect})`.mapWith(Number),
    })
    .from(members)
    .innerJoin(channels, and(eq(channels.id, members.channelId), isNull(channels.deletedAt)))
    .where(
      and(
        eq(members.userId, userId),
        isNull(members.leftAt),
        addedBy === 'user' ? eq(members.addedBy, 'user') : ne(members.addedBy, 'user'),
      ),
    )
  return row!
}

/** One page of a channel's members by id, oldest first; of all, or of those with these identities. */
export async function readMemberPage(
  db: Db,
  channelId: ChannelId,
  page: Page<MemberId>,
  identities?: readonly string[],
): Promise<Member[]> {
  return db.orm
    .select()
    .from(members)
    .where(
      and(
        eq(members.channelId, channelId),
        isNull(members.leftAt),
        isInPage(members.id, page),
        identities === undefined ? undefined : inArray(members.identity, [...identities]),
      ),
    )
    .orderBy(pageOrder(members.id, page))
    .limit(page.size + 1)
}

const firstMembers = (isOfUser: boolean) =>
  prepareOnce((orm) => {
    const first = orm
      .select()
      .from(members)
      .where(and(eq(members.channelId, channels.id), isNull(members.leftAt)))
      .orderBy(members.id)
      .limit(sql.placeholder('limit'))
      .as('first')
    const channelsOfUser = orm
      .select({ channelId: members.channelId })
      .from(members)
      .where(and(eq(members.userId, placeholder(members.userId, 'userId')), isNull(members.leftAt)))
    return orm
      .select(first._.selectedFields)
      .from(channels)
      .crossJoinLateral(first)
      .where(
        and(
          sql`${channels.id} = ANY (${sql.placeholder('channelIds')}::uuid[])`,
          isNull(channels.deletedAt),
          isOfUser ? inArray(channels.id, channelsOfUser) : undefined,
        ),
      )
      .orderBy(first.id)
      .prepare(isOfUser ? 'first_members_of_user' : 'first_members')
  })

const firstMembersOfAll = firstMembers(false)
const firstMembersOfUser = firstMembers(true)

/**
 * The first members of each channel by id, so many of each, in one statement. Channels that are deleted, and for a user those that it is not in,
 * have none.
 */
export async function readFirstMembers(
  db: Db,
  ids: readonly ChannelId[],
  userId: UserId | undefined,
  limit: number,
): Promise<Member[]> {
  const channelIds = uuidArray(ids)
  if (userId === undefined) return firstMembersOfAll(db).execute({ channelIds, limit })
  return firstMembersOfUser(db).execute({ channelIds, limit, userId })
}

// The limit makes it one look for each channel: Postgres would go through all members of them where it expects few.
const ownMembers = prepareOnce((orm) => {
  const own = orm
    .select()
    .from(members)
    .where(
      and(
        eq(members.userId, placeholder(members.userId, 'userId')),
        eq(members.channelId, sql`asked.id`),
        isNull(members.leftAt),
      ),
    )
    .limit(1)
    .as('own')
  return orm
    .select({ member: own._.selectedFields, lastIndex: channels.lastIndex })
    .from(sql`unnest(${sql.placeholder('channelIds')}::uuid[]) AS asked (id)`)
    .crossJoinLateral(own)
    .innerJoin(channels, and(eq(channels.id, own.channelId), isNull(channels.deletedAt)))
    .prepare('own_members')
})

/** A membership, and the index of its channel's newest message. */
export interface OwnMember {
  readonly member: Member
  readonly lastIndex: number
}

/** The user's present memberships of these channels. Deleted channels have none. */
export async function readOwnMembers(db: Db, userId: UserId, channelIds: readonly ChannelId[]): Promise<OwnMember[]> {
  return ownMembers(db).execute({ userId, channelIds: uuidArray(channelIds) }) as Promise<OwnMember[]>
}

export async function deleteMemberDeliveries(tx: Tx, channelId: ChannelId, memberId: MemberId): Promise<void> {
  await tx.orm.delete(deliveries).where(and(eq(deliveries.channelId, channelId), eq(deliveries.memberId, memberId)))
}
