import type { Actor, Backend, UserActor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import { ChatError, badInput, forbidden, notFound } from '../../model/error.ts'
import type { Invite } from '../../model/invite.ts'
import type { Member } from '../../model/member.ts'
import { systemAuthor } from '../../model/message.ts'
import type { Permission, RoleType } from '../../model/permission.ts'
import type { Role, Service } from '../../model/service.ts'
import { isSid, type AccountId, type ChannelId, type RoleId, type ServiceId, type UserId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { lockChannel, readChannelAccess, readChannelAccessByName, type ChannelAccess } from '../../store/channel.ts'
import type { Tx } from '../../store/engine/db.ts'
import { readMemberOf } from '../../store/member.ts'
import { lockRole, readRole } from '../../store/role.ts'
import { readDefaultService, readService } from '../../store/service.ts'
import { readUserByIdentity, readUsers } from '../../store/user.ts'
import type { AccessApp, App } from '../app.ts'
import { accessKey } from './cache.ts'
import { permissionSet } from './permission-set.ts'

/** Whether the actor sees what is a user's own: the user itself and the backend. */
export function seesOwn(actor: Actor | undefined, userId: UserId): boolean {
  return actor?.kind === 'backend' || (actor?.kind === 'user' && actor.userId === userId)
}

/** Decides who may do what. Every operation begins here. */

export function requireUser(actor: Actor): UserActor {
  if (actor.kind !== 'user')
    throw forbidden('only a user can do this: call it with the token of a user, from createAccessToken')
  return actor
}

export function requireBackend(actor: Actor): Backend {
  if (actor.kind !== 'backend') throw forbidden('only the backend can do this')
  return actor
}

/** The backend of the account that this server was started for: what concerns the deployment, and no account, is for its operator alone. */
export function requireOperator(app: Pick<App, 'accountId'>, actor: Actor): Backend {
  const { accountId, serviceId } = requireBackend(actor)
  if (accountId !== app.accountId || serviceId !== undefined) {
    throw forbidden('only a backend of the account that this server was started for can do this')
  }
  return actor as Backend
}

export async function findRole(app: App, id: string): Promise<Role | undefined> {
  if (!isSid('RL', id)) return undefined
  return app.caches.roles.read(id, () => readRole(app.db, id))
}

/** A role of the service with this type: members have channel roles, users deployment roles. Throws NOT_FOUND. */
export async function requireRole(app: App, serviceId: ServiceId, id: string, type: RoleType): Promise<Role> {
  const role = await findRole(app, id)
  if (role?.serviceId !== serviceId || role.type !== type) throw roleNotFound(type)
  return role
}

function roleNotFound(type: RoleType): ChatError {
  return notFound(`the ${type} role`, type === 'channel' ? 50101 : 50102, 'roleId')
}

/** Keeps a role from being deleted until the transaction that gives it is over. Throws NOT_FOUND when it is deleted already. */
export async function holdRole(tx: Tx, id: RoleId, type: RoleType): Promise<void> {
  if (!(await lockRole(tx, id, 'key share'))) throw roleNotFound(type)
}

/**
 * The service that a request is for: the one that it names, the user's own, or the account's default.
 * Needs nothing. Throws NOT_FOUND.
 */
export async function requireService(app: AccessApp, actor: Actor, id: string | null | undefined): Promise<Service> {
  if (actor.kind !== 'backend') {
    const own = id == null || id === actor.serviceId ? await findService(app, actor.serviceId) : undefined
    if (!own) throw notFound('the service', 50050)
    return own
  }
  const named = id ?? actor.serviceId
  const service = named === undefined ? await findDefaultService(app, actor.accountId) : await findService(app, named)
  if (!service || !isWithin(actor, service)) throw notFound('the service', 50050)
  return service
}

/**
 * Whether what belongs to this service can exist for the caller.
 * Needs nothing. Throws nothing.
 */
export async function isReachable(app: App, actor: Actor, serviceId: ServiceId): Promise<boolean> {
  if (actor.kind !== 'backend') return actor.serviceId === serviceId
  const service = await findService(app, serviceId)
  return service !== undefined && isWithin(actor, service)
}

function isWithin({ accountId, serviceId }: Backend, service: Service): boolean {
  return service.accountId === accountId && (serviceId === undefined || service.id === serviceId)
}

export async function findService(app: AccessApp, id: string): Promise<Service | undefined> {
  if (!isSid('IS', id)) return undefined
  return app.caches.services.read(id, () => readService(app.db, id))
}

export async function findDefaultService(app: AccessApp, accountId: AccountId): Promise<Service | undefined> {
  return app.caches.services.read(accountId, () => readDefaultService(app.db, accountId))
}

/**
 * The user with this SID or, in the caller's service, with this identity. Undefined when it does not exist for the caller.
 * Needs nothing. Throws NOT_FOUND when the service is gone.
 */
export async function findUser(app: App, actor: Actor, idOrIdentity: string): Promise<User | undefined> {
  if (isSid('US', idOrIdentity)) {
    const [user] = await readUsers(app.db, [idOrIdentity])
    return user && !user.deletedAt && (await isReachable(app, actor, user.serviceId)) ? user : undefined
  }
  const service = await requireService(app, actor, undefined)
  // No identity has this character, and Postgres takes none.
  if (idOrIdentity.includes('\0')) return undefined
  return (await readUserByIdentity(app.db, service.id, idOrIdentity)).user ?? undefined
}

export interface Access {
  readonly channel: Channel
  /** The caller's own membership. */
  readonly member: Member | null
  /** The caller's own invite. */
  readonly invite: Invite | null
  /** Whether the service has webhooks or keyword rules. */
  readonly hasHooks: boolean
  can(permission: Permission): boolean
}

/**
 * `cached` may be a few seconds old, which is enough where the write checks again under its lock. `batched` is fresh, too,
 * and for clients that reconnect, of which many may come at once: they are read together.
 */
type Freshness = 'cached' | 'fresh' | 'batched'

/**
 * The channel with this SID or unique name. Undefined when it does not exist for the caller: a private channel exists for its
 * members and the invited alone.
 * Needs nothing. Throws BAD_USER_INPUT, NOT_FOUND when the service is gone.
 */
export async function findAccess(
  app: App,
  actor: Actor,
  idOrName: string,
  freshness: Freshness = 'fresh',
): Promise<Access | undefined> {
  const access = isSid('CH', idOrName)
    ? await accessById(app, actor, idOrName, freshness)
    : await accessByName(app, actor, idOrName, freshness)
  if (!access || !(await isVisible(app, actor, access))) return undefined
  const permissions = permissionSet(access.permissions ?? [])
  return {
    channel: access.channel,
    member: access.member,
    invite: access.invite,
    hasHooks: access.hasHooks,
    can: (permission) =>
      actor.kind === 'backend' ||
      (actor.kind === 'user' && (actor.permissions.has(permission) || permissions.has(permission))),
  }
}

/**
 * The channel with this SID or unique name, as `findAccess` finds it.
 * Needs nothing. Throws BAD_USER_INPUT, NOT_FOUND.
 */
export async function requireAccess(
  app: App,
  actor: Actor,
  idOrName: string,
  freshness: Freshness = 'fresh',
): Promise<Access> {
  const access = await findAccess(app, actor, idOrName, freshness)
  if (!access) throw notFound('the channel', 50300)
  return access
}

/**
 * Access to what is inside a channel.
 * Needs membership of a user. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function requireMembership(
  app: App,
  actor: Actor,
  idOrName: string,
  freshness: Freshness = 'fresh',
): Promise<Access> {
  const access = await requireAccess(app, actor, idOrName, freshness)
  if (actor.kind === 'user' && !access.member) throw forbidden('not a member of the channel', 50400)
  return access
}

/**
 * Locks the channel for a write and checks the caller's membership again: the access may be seconds old, and a pre-event may have come in
 * between. Throws as `requireMembership` would now.
 */
export async function lockAccess(tx: Tx, actor: Actor, { channel, member }: Pick<Access, 'channel' | 'member'>) {
  const locked = await lockChannel(tx, channel.id)
  if (!locked) throw notFound('the channel', 50300)
  // Nobody has left since, so the caller is still a member.
  if (actor.kind !== 'user' || !member || locked.lastLeftSeq === channel.lastLeftSeq) return locked
  if (await readMemberOf(tx, channel.id, actor.userId)) return locked
  throw notMember(locked)
}

/** The refusal of a user that is no member any more: a private channel does not exist for it. */
export function notMember({ type }: Pick<Channel, 'type'>): ChatError {
  return type === 'private' ? notFound('the channel', 50300) : forbidden('not a member of the channel', 50400)
}

/** Null instead of NOT_FOUND or FORBIDDEN: a query answers null where a mutation throws. */
export async function nullIfHidden<Found>(find: () => Promise<Found | undefined>): Promise<Found | null> {
  try {
    return (await find()) ?? null
  } catch (error) {
    if (isHidden(error)) return null
    throw error
  }
}

/** NOT_FOUND of the thing itself where its channel is hidden: that it exists is already something the caller may not know. */
export async function notFoundIfHidden<Found>(
  what: string,
  chatCode: number,
  find: () => Promise<Found>,
): Promise<Found> {
  try {
    return await find()
  } catch (error) {
    if (isHidden(error)) throw notFound(what, chatCode)
    throw error
  }
}

/** Whether an error says that something does not exist for the caller. */
function isHidden(error: unknown): boolean {
  return error instanceof ChatError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN')
}

/** Throws NOT_FOUND when a channel is given, by SID or unique name, and it is another one. */
export function assertInChannel({ channel }: Access, channelId: string | null | undefined): void {
  if (channelId != null && channelId !== channel.id && channelId !== channel.uniqueName) {
    throw notFound('the channel', 50300)
  }
}

export function assertCan(access: Access, permission: Permission): void {
  if (!access.can(permission)) throw forbidden(`the permission ${permission} is missing`)
}

/** Whether the channel is frozen for the caller. */
export function isFrozenFor({ channel, can }: Access, { isFrozen } = channel): boolean {
  return isFrozen && !can('sendToFrozenChannel')
}

/** `locked` is the channel as it is under its lock. */
export function assertNotFrozen(access: Access, locked = access.channel): void {
  if (isFrozenFor(access, locked)) throw forbidden('the channel is frozen')
}

async function accessById(
  app: App,
  actor: Actor,
  id: ChannelId,
  freshness: Freshness,
): Promise<ChannelAccess | undefined> {
  const userId = actor.kind === 'user' ? actor.userId : undefined
  const { access, deletedChannels } = app.caches
  const key = accessKey(id, userId)
  // Missing memberships are not cached: the user may have joined a moment ago, here or elsewhere.
  const isOutside = userId !== undefined && access.get(key)?.member === null
  if (freshness !== 'cached' || isOutside || deletedChannels.has(id)) access.delete(key)
  let isOwnRead = false
  const read = (): Promise<ChannelAccess | undefined> => {
    isOwnRead = true
    return freshness === 'batched'
      ? app.reconnectReads.accesses.read({ id, userId })
      : readChannelAccess(app.db, id, userId)
  }
  const found = await access.read(key, read)
  // A read that another caller began may have begun before the user joined.
  if (isOwnRead || userId === undefined || found?.member) return found
  access.delete(key)
  return access.read(key, read)
}

async function accessByName(
  app: App,
  actor: Actor,
  name: string,
  freshness: Freshness,
): Promise<ChannelAccess | undefined> {
  if (name === '' || name.includes('\0')) throw badInput('channelId must be a SID or a unique name', 'channelId', 50301)
  const service = await requireService(app, actor, undefined)
  const read = () => readChannelAccessByName(app.db, service.id, name, actor.kind === 'user' ? actor.userId : undefined)
  return freshness === 'batched' ? app.catchUps.run(read) : read()
}

async function isVisible(app: App, actor: Actor, { channel, member, invite }: ChannelAccess): Promise<boolean> {
  switch (actor.kind) {
    case 'backend':
      return isReachable(app, actor, channel.serviceId)
    case 'user':
      return channel.serviceId === actor.serviceId && (channel.type === 'public' || member !== null || invite !== null)
    case 'audience':
      return channel.id === actor.channelId
  }
}

/** The identity that a change is made in the name of. */
export function actorName(actor: Actor): string {
  return actor.kind === 'user' ? actor.identity : systemAuthor
}

/** One code for all failed authentication, so that callers cannot learn what exists. */
export function unauthenticated(message: string, chatCode = 20003): ChatError {
  return new ChatError('UNAUTHENTICATED', message, chatCode)
}

/** The refusal of a token whose user was deleted. */
export function userDeleted(): ChatError {
  return unauthenticated('the user of the token was deleted', 20101)
}
