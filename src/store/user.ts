import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Member } from '../model/member.ts'
import type { Permission } from '../model/permission.ts'
import { sidToUuid } from '../model/sid.ts'
import type { User } from '../model/user.ts'
import { placeholder, prepareOnce, type Db, type Tx } from './db.ts'
import { channels } from './tables/channel.ts'
import { members } from './tables/member.ts'
import { roles } from './tables/service.ts'
import { users } from './tables/user.ts'

export type NewUser = Pick<User, 'id' | 'serviceId' | 'identity' | 'roleId'>

/** Makes the user unless the identity is known, and answers its row either way. */
export async function insertUserIfNew(db: Db | Tx, user: NewUser): Promise<User> {
  const [inserted] = await db.orm.insert(users).values(user).onConflictDoNothing().returning()
  if (inserted) return inserted
  const [existing] = await db.orm
    .select()
    .from(users)
    .where(and(eq(users.serviceId, user.serviceId), eq(users.identity, user.identity)))
  return existing!
}

const userByIdentity = prepareOnce((orm) =>
  orm
    .select({ user: users, permissions: roles.permissions })
    .from(users)
    .innerJoin(roles, eq(roles.id, users.roleId))
    .where(
      and(
        eq(users.serviceId, placeholder(users.serviceId, 'serviceId')),
        eq(users.identity, placeholder(users.identity, 'identity')),
      ),
    )
    .prepare('user_by_identity'),
)

/** A user with what its service role permits. */
export async function readUserByIdentity(
  db: Db,
  serviceId: string,
  identity: string,
): Promise<{ user: User; permissions: Permission[] } | undefined> {
  const [row] = await userByIdentity(db).execute({ serviceId, identity })
  return row
}

export async function readUsers(db: Db, ids: readonly string[]): Promise<User[]> {
  return db.orm
    .select()
    .from(users)
    .where(inArray(users.id, [...ids]))
}

/** A user as a channel's author: with its membership of the channel, while it has one. */
export interface Participant {
  readonly user: User
  readonly member: Member | null
}

export interface AuthorKey {
  readonly channelId: string
  readonly identity: string
}

/** The users behind these authors, in the service of the channel each wrote in, and their memberships of it: one statement. */
export async function readParticipants(
  db: Db,
  authors: readonly AuthorKey[],
): Promise<(Participant & { readonly channelId: string })[]> {
  const channelIds = sql.param(authors.map(({ channelId }) => sidToUuid(channelId)))
  const identities = sql.param(authors.map(({ identity }) => identity))
  return db.orm
    .select({ channelId: channels.id, user: users, member: members })
    .from(sql`unnest(${channelIds}::uuid[], ${identities}::text[]) AS author (channel_id, identity)`)
    .innerJoin(channels, sql`${channels.id} = author.channel_id`)
    .innerJoin(users, and(eq(users.serviceId, channels.serviceId), sql`${users.identity} = author.identity`))
    .leftJoin(members, and(eq(members.channelId, channels.id), eq(members.userId, users.id), isNull(members.leftAt)))
}

/** Takes the user's next `seq`, and its row lock with it. Lock order: channel, then user. */
export async function takeUserSeq(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx.orm
    .update(users)
    .set({ lastSeq: sql`${users.lastSeq} + 1` })
    .where(eq(users.id, userId))
    .returning({ seq: users.lastSeq })
  return row!.seq
}

export async function readUserSeqs(db: Db, ids: readonly string[]): Promise<{ id: string; lastSeq: number }[]> {
  return db.orm
    .select({ id: users.id, lastSeq: users.lastSeq })
    .from(users)
    .where(inArray(users.id, [...ids]))
}
