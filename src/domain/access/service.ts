import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput, notFound } from '../../model/error.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import type { Service } from '../../model/service.ts'
import { isSid, type ServiceId, type RoleId } from '../../model/sid.ts'
import type { Tx } from '../../store/engine/db.ts'
import { lockRole } from '../../store/role.ts'
import { lockService, readServicePage, updateServiceRow, type ServiceChange } from '../../store/service.ts'
import type { App } from '../app.ts'
import { requireFriendlyName } from '../validation.ts'
import { createServiceWithRoles } from './account.ts'
import { changeAuthority, publishService } from './authority-change.ts'
import { requireBackend, requireService } from './authority.ts'
import { toServiceChange, type ServiceSettings } from './service-settings.ts'

/**
 * Makes a service with four roles, three of them its defaults.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function createService(
  app: App,
  actor: Actor,
  input: { readonly friendlyName: string },
): Promise<Service> {
  const { accountId } = requireBackend(actor)
  const friendlyName = requireFriendlyName(input.friendlyName)
  return changeAuthority(app, accountId, (tx) =>
    createServiceWithRoles(tx, app.secrets, accountId, friendlyName, false),
  )
}

/**
 * Changes settings of a service: here at once, on other processes when the hint arrives. Webhooks that would never be called are
 * refused unless `mayBeIdle` is set.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function updateService(
  app: App,
  actor: Actor,
  id: string,
  settings: ServiceSettings,
  { mayBeIdle = false }: { readonly mayBeIdle?: boolean } = {},
): Promise<Service> {
  requireBackend(actor)
  const { id: serviceId, accountId } = await requireService(app, actor, id)
  const rules = { mayBeIdle, findFault: (url: string) => app.webhooks.findFault(url) }
  const service = await changeAuthority(app, accountId, async (tx) => {
    // Roles before the service: in the order in which the deletion of a role takes its locks.
    const roles = await takeDefaultRoles(tx, serviceId, settings)
    const locked = await lockService(tx, serviceId)
    if (!locked) throw notFound('the service', 50050)
    const change = { ...roles, ...toServiceChange(locked, settings, rules) }
    if (Object.keys(change).length === 0) throw badInput('nothing to change')
    return updateServiceRow(tx, serviceId, change)
  })
  publishService(app, service)
  return service
}

const roleSettings = [
  ['defaultServiceRoleId', 'deployment', 50102],
  ['defaultChannelRoleId', 'channel', 50101],
  ['defaultChannelCreatorRoleId', 'channel', 50106],
] as const

/** The default roles among these settings, each of the service, of the right type and held against its deletion. */
async function takeDefaultRoles(tx: Tx, serviceId: ServiceId, settings: ServiceSettings): Promise<ServiceChange> {
  const change: { -readonly [Name in (typeof roleSettings)[number][0]]?: RoleId } = {}
  for (const [name, type, chatCode] of roleSettings) {
    const id = settings[name]
    if (id === undefined) continue
    const role = id !== null && isSid('RL', id) ? await lockRole(tx, id, 'key share') : undefined
    if (role?.serviceId !== serviceId || role.type !== type) {
      throw notFound(`the ${type} role`, chatCode, name)
    }
    change[name] = role.id
  }
  return change
}

/**
 * Deletes a service. Nothing in it exists any more, and open subscriptions in it end. Only its own row is written, however much it
 * holds. The account's default service stays, since requests that name none are for it.
 * Needs the backend. Throws CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function deleteService(app: App, actor: Actor, id: string): Promise<Service> {
  requireBackend(actor)
  const { id: serviceId, accountId, isDefault } = await requireService(app, actor, id)
  if (isDefault) throw new ChatError('CONFLICT', "the account's default service cannot be deleted")
  const service = await changeAuthority(app, accountId, async (tx) => {
    if (!(await lockService(tx, serviceId))) throw notFound('the service', 50050)
    return updateServiceRow(tx, serviceId, { deletedAt: new Date() })
  })
  publishService(app, service)
  return service
}

/**
 * One page of the account's services, oldest first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listServices(app: App, actor: Actor, args: PageArgs): Promise<PageOf<Service>> {
  const { accountId, serviceId } = requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('IS'))
  return readPage(page, (part) => readServicePage(app.db, { accountId, serviceId }, part), byId)
}
