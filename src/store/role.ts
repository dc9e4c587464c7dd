import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Page } from '../model/page.ts'
import type { Role } from '../model/service.ts'
import type { RoleId, ServiceId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { channels } from './tables/channel.ts'
import { invites } from './tables/invite.ts'
import { members } from './tables/member.ts'
import { roles } from './tables/service.ts'
import { users } from './tables/user.ts'

export type NewRole = Pick<Role, 'id' | 'serviceId' | 'friendlyName' | 'type' | 'permissions'>

export async function insertRoles(tx: Tx, newRoles: readonly NewRole[]): Promise<Role[]> {
  return tx.orm
    .insert(roles)
    .values(newRoles.map((role) => ({ ...role, permissions: [...role.permissions] })))
    .returning()
}

export async function readRole(db: Db, id: RoleId): Promise<Role | undefined> {
  const [row] = await db.orm
    .select()
    .from(roles)
    .where(and(eq(roles.id, id), isNull(roles.deletedAt)))
  return row
}

/** The roles with these ids, deleted ones included, because memberships that have ended refer to them. */
export async function readRoles(db: Db, ids: readonly RoleId[]): Promise<Role[]> {
  return db.orm
    .select()
    .from(roles)
    .where(inArray(roles.id, [...ids]))
}

/** One page of a service's roles by id, oldest first. */
export async function readRolePage(db: Db, serviceId: ServiceId, page: Page<RoleId>): Promise<Role[]> {
  return db.orm
    .select()
    .from(roles)
    .where(and(eq(roles.serviceId, serviceId), isNull(roles.deletedAt), isInPage(roles.id, page)))
    .orderBy(pageOrder(roles.id, page))
    .limit(page.size + 1)
}

/**
 * Locks the role's row. `key share`, which many can hold, keeps the role from being deleted while it is given to somebody. A deletion waits for
 * these locks, and later ones find the role gone.
 */
export async function lockRole(tx: Tx, id: RoleId, strength: 'key share' | 'update'): Promise<Role | undefined> {
  const [row] = await tx.orm
    .select()
    .from(roles)
    .where(and(eq(roles.id, id), isNull(roles.deletedAt)))
    .for(strength)
  return row
}

export async function updateRoleRow(
  tx: Tx,
  id: RoleId,
  change: Partial<Pick<Role, 'permissions' | 'deletedAt'>>,
): Promise<Role | undefined> {
  const { permissions, ...fields } = change
  const [row] = await tx.orm
    .update(roles)
    .set({ ...fields, ...(permissions && { permissions: [...permissions] }), updatedAt: sql`clock_timestamp()` })
    .where(and(eq(roles.id, id), isNull(roles.deletedAt)))
    .returning()
  return row
}

/** Whether a user or a member has the role, or will have it by a pending invite. Members of deleted channels do not count. */
export async function isRoleGiven(tx: Tx, id: RoleId): Promise<boolean> {
  const user = tx.orm.select({ id: users.id }).from(users).where(eq(users.roleId, id)).limit(1)
  const member = tx.orm
    .select({ id: members.id })
    .from(members)
    .innerJoin(channels, and(eq(channels.id, members.channelId), isNull(channels.deletedAt)))
    .where(and(eq(members.roleId, id), isNull(members.leftAt)))
    .limit(1)
  const invite = tx.orm
    .select({ id: invites.id })
    .from(invites)
    .where(and(eq(invites.roleId, id), isNull(invites.removedAt)))
    .limit(1)
  return (await user).length > 0 || (await member).length > 0 || (await invite).length > 0
}
