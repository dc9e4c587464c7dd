import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput, notFound } from '../../model/error.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { permissionsOf, type Permission, type RoleType } from '../../model/permission.ts'
import type { Role } from '../../model/service.ts'
import { newSid, type ServiceId } from '../../model/sid.ts'
import { insertRoles, isRoleGiven, lockRole, readRolePage, updateRoleRow } from '../../store/role.ts'
import { lockService } from '../../store/service.ts'
import type { App } from '../app.ts'
import { requireFriendlyName } from '../validation.ts'
import { changeAuthority, publishRole } from './authority-change.ts'
import { findRole, isReachable, requireBackend, requireService } from './authority.ts'

export interface CreateRoleInput {
  readonly serviceId?: string | null | undefined
  readonly friendlyName: string
  readonly type: RoleType
  readonly permissions: readonly string[]
}

/**
 * Makes a role in a service.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function createRole(app: App, actor: Actor, input: CreateRoleInput): Promise<Role> {
  requireBackend(actor)
  const service = await requireService(app, actor, input.serviceId)
  const friendlyName = requireFriendlyName(input.friendlyName)
  const permissions = parsePermissions(input.type, input.permissions)
  const [role] = await changeAuthority(app, service.accountId, (tx) =>
    insertRoles(tx, [{ id: newSid('RL'), serviceId: service.id, friendlyName, type: input.type, permissions }]),
  )
  return role!
}

function parsePermissions(type: RoleType, permissions: readonly string[], among?: readonly string[]): Permission[] {
  const known: readonly string[] = permissionsOf[type]
  const wrong = permissions.find((permission) => !known.includes(permission) || (among && !among.includes(permission)))
  if (wrong !== undefined) throw badInput(`${wrong} is no permission of a ${type} role`, 'permissions', 50104)
  return [...new Set(permissions)] as Permission[]
}

/**
 * The role with this SID. Undefined when it does not exist for the caller.
 * Needs nothing. Throws nothing.
 */
export async function findReachableRole(app: App, actor: Actor, id: string): Promise<Role | undefined> {
  const role = await findRole(app, id)
  return role && (await isReachable(app, actor, role.serviceId)) ? role : undefined
}

async function requireReachableRole(app: App, actor: Actor, id: string): Promise<Role> {
  requireBackend(actor)
  const role = await findReachableRole(app, actor, id)
  if (!role) throw notFound('the role', 50100)
  return role
}

/**
 * Changes what a role permits, for all who have it. With `among`, permissions that are not among them stay as they are.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function updateRole(
  app: App,
  actor: Actor,
  input: {
    readonly id: string
    readonly permissions: readonly string[]
    readonly among?: readonly string[] | null | undefined
  },
): Promise<Role> {
  const { id, type } = await requireReachableRole(app, actor, input.id)
  const permissions = parsePermissions(type, input.permissions, input.among ?? undefined)
  const { accountId } = requireBackend(actor)
  const role = await changeAuthority(app, accountId, async (tx) => {
    const { among } = input
    const locked = among && (await lockRole(tx, id, 'update'))
    const kept = locked ? locked.permissions.filter((permission) => !among.includes(permission)) : []
    const changed = await updateRoleRow(tx, id, { permissions: [...permissions, ...kept] })
    if (!changed) throw notFound('the role', 50100)
    return changed
  })
  publishRole(app, role)
  return role
}

/**
 * Deletes a role that nobody has, that no pending invite gives, and that is no default of its service.
 * Needs the backend. Throws CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function deleteRole(app: App, actor: Actor, sid: string): Promise<Role> {
  const { id, serviceId } = await requireReachableRole(app, actor, sid)
  const { accountId } = requireBackend(actor)
  const deleted = await changeAuthority(app, accountId, async (tx) => {
    const role = await lockRole(tx, id, 'update')
    if (!role) throw notFound('the role', 50100)
    const service = await lockService(tx, serviceId)
    const { defaultServiceRoleId, defaultChannelRoleId, defaultChannelCreatorRoleId } = service ?? {}
    if ([defaultServiceRoleId, defaultChannelRoleId, defaultChannelCreatorRoleId].includes(id)) {
      throw new ChatError('CONFLICT', 'the role is a default of its service')
    }
    if (await isRoleGiven(tx, id))
      throw new ChatError('CONFLICT', 'a user or a member has the role, or a pending invite gives it')
    return updateRoleRow(tx, id, { deletedAt: new Date() })
  })
  publishRole(app, deleted!)
  return deleted!
}

/**
 * One page of the roles of a service, oldest first. The caller has checked that it can reach the service.
 * Needs nothing. Throws BAD_USER_INPUT.
 */
export async function listRoles(app: App, actor: Actor, serviceId: ServiceId, args: PageArgs): Promise<PageOf<Role>> {
  const page = parsePage(actor, args, sidCursor('RL'))
  return readPage(page, (part) => readRolePage(app.db, serviceId, part), byId)
}
