import { and, eq, inArray, isNull, sql, type SQL } from 'drizzle-orm'
import type { OrderKey } from '../model/list-order.ts'
import type { Member } from '../model/member.ts'
import type { Page } from '../model/page.ts'
import type { Permission } from '../model/permission.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId, type UserId } from '../model/sid.ts'
import type { User } from '../model/user.ts'
import { placeholder, prepareOnce, uuidArray, type Db, type Tx } from './engine/db.ts'
import { beginsWith, isInOrder, isInPage, pageOrder, listOrder } from './engine/page.ts'
import { isPresentIn } from './member.ts'
import { channels } from './tables/channel.ts'
import { byBytes, sidOfNow } from './tables/columns.ts'
import { members } from './tables/member.ts'
import { roles } from './tables/service.ts'
import { users } from './tables/user.ts'
import { isPeerOf, writeUserNames } from './user-name.ts'

/** What a user, or the backend, changes of a user. */
export type UserFields = Pick<
  User,
  | 'friendlyName'
  | 'attributes'
  | 'avatarUrl'
  | 'statusText'
  | 'statusEmoji'
  | 'statusEndsAt'
  | 'locale'
  | 'timeZone'
  | 'isInvisible'
  | 'readReceiptsEnabled'
>

export type NewUser = Pick<User, 'id' | 'serviceId' | 'identity' | 'roleId'>

/** Inserts the user, with a new SID by the database's time, unless the identity is known. Answers the row in either case. */
export async function insertUserIfNew(tx: Tx, user: NewUser): Promise<{ user: User; isNew: boolean }> {
  const row = { ...user, id: sidOfNow(user.id) }
  for (;;) {
    const [inserted] = await tx.orm.insert(users).values(row).onConflictDoNothing().returning()
    if (inserted) {
      await writeUserNames(tx, inserted)
      return { user: inserted, isNew: true }
    }
    const [existing] = await tx.orm
      .select()
      .from(users)
      .where(and(eq(users.serviceId, user.serviceId), eq(users.identity, user.identity), isNull(users.deletedAt)))
    // The user may have been deleted in between. Then the identity is free again.
    if (existing) return { user: existing, isNew: false }
  }
}

/** Its SID is made anew, by the time of the database. Throws the violation of `users_identity` when the identity is known. */
export async function insertUser(tx: Tx, user: NewUser & Partial<UserFields>): Promise<User> {
  const [row] = await tx.orm
    .insert(users)
    .values({ ...user, id: sidOfNow(user.id) })
    .returning()
  await writeUserNames(tx, row!)
  return row!
}

/** What other users do not see of a user. */
const ownSettings = new Set(['isInvisible', 'readReceiptsEnabled'])

/** Changes the user's own fields under its next `seq`. Undefined when it is deleted. `updatedAt`, which others see, does not move with settings alone. */
export async function updateUserRow(
  tx: Tx,
  id: UserId,
  change: Partial<UserFields & Pick<User, 'roleId' | 'deletedAt' | 'lastSeenAt'>>,
): Promise<User | undefined> {
  const seq = sql`${users.lastSeq} + 1`
  const isShown = Object.keys(change).some((field) => !ownSettings.has(field))
  const [row] = await tx.orm
    .update(users)
    .set({ ...change, seq, lastSeq: seq, ...(isShown && { updatedAt: sql`clock_timestamp()` }) })
    .where(and(eq(users.id, id), isNull(users.deletedAt)))
    .returning()
  if (row && (change.friendlyName !== undefined || change.deletedAt)) await writeUserNames(tx, row)
  return row
}

/** The user that has an identity now, with the permissions of its service role, and when the last one before was deleted. */
export interface UserByIdentity {
  readonly user: User | null
  readonly permissions: Permission[] | null
  readonly deletedAt: Date | null
}

export interface IdentityKey {
  readonly serviceId: ServiceId
  readonly identity: string
}

const usersByIdentities = prepareOnce((orm) =>
  orm
    .select({
      deletedAt: sql<Date | null>`(
        SELECT max(gone.deleted_at) FROM users gone
        WHERE gone.service_id = asked.service_id AND gone.identity = asked.identity AND gone.deleted_at IS NOT NULL
      )`.mapWith(users.deletedAt),
      user: users,
      permissions: roles.permissions,
    })
    .from(
      sql`unnest(${sql.placeholder('serviceIds')}::uuid[], ${sql.placeholder('identities')}::text[])
        WITH ORDINALITY AS asked (service_id, identity, place)`,
    )
    .leftJoin(
      users,
      and(sql`${users.serviceId} = asked.service_id AND ${users.identity} = asked.identity`, isNull(users.deletedAt)),
    )
    .leftJoin(roles, eq(roles.id, users.roleId))
    .orderBy(sql`asked.place`)
    .prepare('users_by_identities'),
)

/** In the order of the keys: one for each. */
export async function readUsersByIdentities(db: Db, keys: readonly IdentityKey[]): Promise<UserByIdentity[]> {
  return usersByIdentities(db).execute({
    serviceIds: uuidArray(keys.map(({ serviceId }) => serviceId)),
    identities: keys.map(({ identity }) => identity),
  })
}

/** The same of one. */
export async function readUserByIdentity(db: Db, serviceId: ServiceId, identity: string): Promise<UserByIdentity> {
  const [found] = await readUsersByIdentities(db, [{ serviceId, identity }])
  return found!
}

export async function readUsers(db: Db, ids: readonly UserId[]): Promise<User[]> {
  return db.orm
    .select()
    .from(users)
    .where(inArray(users.id, [...ids]))
}

/** A user as an author in a channel, with its membership while it has one. */
export interface Participant {
  readonly user: User
  readonly member: Member | null
}

export interface AuthorKey {
  readonly channelId: ChannelId
  readonly identity: string
}

/** The users behind these authors, in the service of the channel each wrote in, and their memberships of it: one statement. */
export async function readParticipants(
  db: Db,
  authors: readonly AuthorKey[],
): Promise<(Participant & { readonly channelId: ChannelId })[]> {
  const channelIds = sql.param(authors.map(({ channelId }) => sidToUuid(channelId)))
  const identities = sql.param(authors.map(({ identity }) => identity))
  return db.orm
    .select({ channelId: channels.id, user: users, member: members })
    .from(sql`unnest(${channelIds}::uuid[], ${identities}::text[]) AS author (channel_id, identity)`)
    .innerJoin(channels, sql`${channels.id} = author.channel_id`)
    .innerJoin(
      users,
      and(eq(users.serviceId, channels.serviceId), sql`${users.identity} = author.identity`, isNull(users.deletedAt)),
    )
    .leftJoin(members, isPresentIn(channels.id, users.id))
}

/** Takes the user's next `seq` and locks its row. Undefined when the user is deleted. Lock order: channel, then user. */
export async function takeUserSeq(tx: Tx, userId: UserId): Promise<number | undefined> {
  const [row] = await tx.orm
    .update(users)
    .set({ lastSeq: sql`${users.lastSeq} + 1` })
    .where(and(eq(users.id, userId), isNull(users.deletedAt)))
    .returning({ seq: users.lastSeq })
  return row?.seq
}

/** How far the changes of a user have come. */
export interface UserCounter {
  readonly lastSeq: number
  readonly isDeleted: boolean
}

const userCounters = `
SELECT users.id, users.last_seq, users.deleted_at IS NOT NULL AS is_deleted
FROM unnest($1::uuid[]) AS asked (id) JOIN users ON users.id = asked.id`

export async function readUserCounters(db: Db, ids: readonly UserId[]): Promise<(UserCounter | undefined)[]> {
  const rows = await db.run<{ id: string; last_seq: number; is_deleted: boolean }>(userCounters, [uuidArray(ids)])
  const byId = new Map(
    rows.map((row) => [uuidToSid('US', row.id), { lastSeq: Number(row.last_seq), isDeleted: row.is_deleted }]),
  )
  return ids.map((id) => byId.get(id))
}

/** Whom a list may have: the users of a service, or those of them that one user shares a channel with, and itself. */
export interface UserScope {
  readonly serviceId: ServiceId
  readonly visibleTo: UserId | undefined
}

const isInScope = ({ serviceId, visibleTo }: UserScope): SQL | undefined =>
  and(
    eq(users.serviceId, serviceId),
    isNull(users.deletedAt),
    visibleTo && isPeerOf(sql`${sql.param(visibleTo, users.id)}`),
  )

/** One by one, each by the channels of the two: those that share a channel with a user may be all of the service. */
const sharingStatement = `
SELECT asked.id
FROM unnest($1::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
  SELECT FROM members AS other
  JOIN members AS own ON own.user_id = $2::uuid AND own.channel_id = other.channel_id AND own.left_at IS NULL
  JOIN channels ON channels.id = other.channel_id AND channels.deleted_at IS NULL
  WHERE other.user_id = asked.id AND other.left_at IS NULL
  LIMIT 1
) AS shared`

/** Those of these users that share a channel with this one. */
export async function readUsersSharing(db: Db, ids: readonly UserId[], userId: UserId): Promise<UserId[]> {
  const rows = await db.run<{ id: string }>(sharingStatement, [uuidArray(ids), sidToUuid(userId)])
  return rows.map(({ id }) => uuidToSid('US', id))
}

/** Those of these users that are members of this channel. */
export async function readUsersWithin(db: Db, ids: readonly UserId[], channelId: ChannelId): Promise<UserId[]> {
  const rows = await db.run<{ user_id: string }>(
    'SELECT user_id FROM members WHERE user_id = ANY ($1::uuid[]) AND channel_id = $2::uuid AND left_at IS NULL',
    [uuidArray(ids), sidToUuid(channelId)],
  )
  return rows.map(({ user_id }) => uuidToSid('US', user_id))
}

/** One page of users by id, oldest first. */
export async function readUserPage(db: Db, scope: UserScope, page: Page<UserId>): Promise<User[]> {
  return db.orm
    .select()
    .from(users)
    .where(and(isInScope(scope), isInPage(users.id, page)))
    .orderBy(pageOrder(users.id, page))
    .limit(page.size + 1)
}

/** One page of users by identity; of all, or of those whose identity begins with a prefix. */
export async function readUsersByIdentity(
  db: Db,
  scope: UserScope,
  prefix: string | undefined,
  page: Page<OrderKey>,
): Promise<User[]> {
  const identity = byBytes(users.identity)
  return db.orm
    .select()
    .from(users)
    .where(and(isInScope(scope), beginsWith(identity, prefix, page), isInOrder(identity, 'text', users.id, page)))
    .orderBy(...listOrder(identity, users.id, page))
    .limit(page.size + 1)
}

const usersOfIdentities = (visibleTo?: SQL) =>
  prepareOnce((orm) =>
    orm
      .select()
      .from(users)
      .where(
        and(
          eq(users.serviceId, placeholder(users.serviceId, 'serviceId')),
          sql`${users.identity} = ANY (${sql.placeholder('identities')}::text[])`,
          isNull(users.deletedAt),
          visibleTo && isPeerOf(visibleTo),
        ),
      )
      .prepare(visibleTo ? 'peers_of_identities' : 'users_of_identities'),
  )

const allOfIdentities = usersOfIdentities()
const peersOfIdentities = usersOfIdentities(placeholder(users.id, 'visibleTo'))

/** The users with these identities. */
export async function readUsersOfIdentities(db: Db, scope: UserScope, identities: readonly string[]): Promise<User[]> {
  const { serviceId, visibleTo } = scope
  if (visibleTo === undefined) return allOfIdentities(db).execute({ serviceId, identities })
  return peersOfIdentities(db).execute({ serviceId, visibleTo, identities })
}

/** Not of those that are invisible, nor in services that report no presence. Locks in the order of ids. */
const lastSeenStatement = `
UPDATE users SET last_seen_at = greatest(users.last_seen_at, seen.at)
FROM (
  SELECT u.id, to_timestamp(given.at / 1000.0) AS at
  FROM unnest($1::uuid[], $2::bigint[]) AS given (id, at)
  JOIN users AS u ON u.id = given.id
  JOIN services AS s ON s.id = u.service_id AND s.reachability_enabled
  WHERE u.deleted_at IS NULL AND NOT u.is_invisible
  ORDER BY u.id
  FOR NO KEY UPDATE OF u
) AS seen
WHERE users.id = seen.id`

/** Writes when users were last connected, in milliseconds of the database's clock. Takes no `seq`: it is no event. */
export async function writeLastSeen(db: Db, seen: readonly (readonly [UserId, number])[]): Promise<void> {
  const moments = seen.map(([, at]) => Math.round(at))
  await db.run(lastSeenStatement, [uuidArray(seen.map(([id]) => id)), moments])
}
