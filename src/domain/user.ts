import type { App } from '../app.ts'
import type { Actor } from '../model/actor.ts'
import { ChatError, badInput, forbidden, notFound } from '../model/error.ts'
import { limits } from '../model/limits.ts'
import { parsePage, toPage, type PageArgs, type PageOf } from '../model/page.ts'
import { isSid, newSid } from '../model/sid.ts'
import type { User, UserChannel } from '../model/user.ts'
import { uniqueViolation } from '../store/db.ts'
import { readUserChannelPage } from '../store/user-channel.ts'
import { deleteUserRow, type DeletedUser } from '../store/user-deletion.ts'
import { insertUser, readUserByIdentity, readUserPage, readUsers, updateUserRow } from '../store/user.ts'
import { findService, isReachable, requireBackend, requireRole, requireService, requireUser } from './authority.ts'
import { identityKey } from './cache.ts'
import { publishChannelEvent, publishUserEvent } from './publication.ts'
import { parseAttributes, parseFriendlyName, parseIdentity } from './validation.ts'

/** The user with this SID or, within the caller's service, with this identity, if it exists for the caller. */
export async function findUser(app: App, actor: Actor, idOrIdentity: string): Promise<User | undefined> {
  if (isSid('US', idOrIdentity)) {
    const [user] = await readUsers(app.db, [idOrIdentity])
    return user && !user.deletedAt && (await isReachable(app, actor, user.serviceId)) ? user : undefined
  }
  const service = await requireService(app, actor, undefined)
  // No identity has this character, and Postgres cannot be asked for it.
  if (idOrIdentity.includes('\0')) return undefined
  return (await readUserByIdentity(app.db, service.id, idOrIdentity)).user ?? undefined
}

async function requireNamed(app: App, actor: Actor, idOrIdentity: string): Promise<User> {
  const user = await findUser(app, actor, idOrIdentity)
  if (!user) throw notFound('the user', 50200)
  return user
}

interface UserDetails {
  readonly roleId?: string | null | undefined
  readonly friendlyName?: string | null | undefined
  readonly attributes?: unknown
}

export interface CreateUserInput extends UserDetails {
  readonly identity: string
  readonly serviceId?: string | null | undefined
}

/** Makes a user before it first comes with a token. */
export async function createUser(app: App, actor: Actor, input: CreateUserInput): Promise<User> {
  requireBackend(actor)
  const identity = parseIdentity(input.identity)
  const service = await requireService(app, actor, input.serviceId)
  const draft = {
    id: newSid('US'),
    serviceId: service.id,
    identity,
    roleId: input.roleId ?? service.defaultServiceRoleId,
    friendlyName: parseFriendlyName(input.friendlyName),
    attributes: parseAttributes(input.attributes, limits.userAttributesBytes),
  }
  await requireRole(app, service.id, draft.roleId, 'deployment')
  try {
    return await insertUser(app.db, draft)
  } catch (error) {
    if (uniqueViolation(error) !== 'users_identity') throw error
    throw new ChatError('CONFLICT', 'a user with this identity already exists', 50201)
  }
}

export interface UpdateUserInput extends UserDetails {
  /** SID or identity. */
  readonly id: string
}

/** Changes what a user says of itself (its own, or with the permission anyone's) or its role (backend only). */
export async function updateUser(app: App, actor: Actor, input: UpdateUserInput): Promise<User> {
  const user = await requireNamed(app, actor, input.id)
  const { roleId, friendlyName, attributes } = input
  const change: { roleId?: string; friendlyName?: string | null; attributes?: string } = {}
  if (roleId != null) {
    if (actor.kind !== 'backend') throw forbidden('only the backend changes roles', 50205)
    change.roleId = (await requireRole(app, user.serviceId, roleId, 'deployment')).id
  }
  if (friendlyName !== undefined || attributes !== undefined) assertCanEdit(actor, user)
  if (friendlyName !== undefined) change.friendlyName = parseFriendlyName(friendlyName)
  if (attributes !== undefined) change.attributes = parseAttributes(attributes, limits.userAttributesBytes)
  if (Object.keys(change).length === 0) throw badInput('nothing to change')
  const changed = await updateUserRow(app.db, user.id, change)
  if (!changed) throw notFound('the user', 50200)
  app.caches.users.delete(identityKey(changed))
  publishUserEvent(app, changed.id, { type: 'userUpdated', seq: changed.seq, user: changed })
  return changed
}

function assertCanEdit(actor: Actor, { id }: User): void {
  if (actor.kind === 'backend') return
  const { userId, permissions } = requireUser(actor)
  const permission = userId === id ? 'editOwnUserInfo' : 'editAnyUserInfo'
  if (!permissions.has(permission) && !permissions.has('editAnyUserInfo')) {
    throw forbidden(`the permission ${permission} is missing`)
  }
}

/**
 * Deletes a user: it leaves all of its channels, its invites are gone, and its tokens are refused, also on open sockets. What it
 * has said stays. The identity is free again, for a new user with new tokens.
 */
export async function deleteUser(app: App, actor: Actor, idOrIdentity: string): Promise<User> {
  requireBackend(actor)
  const { id } = await requireNamed(app, actor, idOrIdentity)
  const { user, left } = await writeDeletion(app, id)
  app.caches.users.delete(identityKey(user))
  for (const { channelId, userId } of left) app.caches.access.delete(`${channelId}${userId}`)
  publishUserEvent(app, user.id, { type: 'userDeleted', seq: user.seq, user })
  for (const member of left) {
    publishChannelEvent(app, member.channelId, { type: 'memberLeft', seq: member.seq, member })
  }
  return user
}

/** Thrown to undo what a transaction has written. */
class JoinedMeanwhile extends Error {
  override readonly name = 'JoinedMeanwhile'
}

async function writeDeletion(app: App, id: string): Promise<DeletedUser> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await app.db.transaction(async (tx) => {
        const deleted = await deleteUserRow(tx, id)
        if (!deleted) throw notFound('the user', 50200)
        if (deleted === 'again') throw new JoinedMeanwhile()
        return deleted
      })
    } catch (error) {
      if (!(error instanceof JoinedMeanwhile)) throw error
    }
  }
  throw new ChatError('CONFLICT', 'the user joins channels faster than it can be deleted', 50349)
}

/** One page of a service's users, oldest first. Backend only: users know each other by identity. */
export async function listUsers(
  app: App,
  actor: Actor,
  args: PageArgs & { readonly serviceId?: string | null | undefined },
): Promise<PageOf<User>> {
  requireBackend(actor)
  const page = parsePage(actor, args, (cursor) => {
    if (!isSid('US', cursor)) throw badInput('the cursor is malformed')
    return cursor
  })
  const service = await requireService(app, actor, args.serviceId)
  return toPage(page, await readUserPage(app.db, service.id, page))
}

/** One page of the channels that a user is in or invited to, oldest first: its own affair and the backend's. */
export async function listUserChannels(
  app: App,
  actor: Actor,
  user: User,
  args: PageArgs,
): Promise<PageOf<UserChannel>> {
  if (actor.kind !== 'backend' && !(actor.kind === 'user' && actor.userId === user.id)) {
    throw forbidden('the channels of a user are its own affair')
  }
  const page = parsePage(actor, args, (cursor) => {
    if (!isSid('CH', cursor)) throw badInput('the cursor is malformed')
    return cursor
  })
  return toPage(page, await readUserChannelPage(app.db, user.id, page))
}

/** Whether the user has an open connection; null when the service does not tell, or when it cannot be known. */
export async function isUserOnline(app: App, { id, serviceId }: User): Promise<boolean | null> {
  if (!(await findService(app, serviceId))?.reachabilityEnabled) return null
  return (await app.presence.isOnline(id)) ?? null
}

/** Whether a push notification would reach the user: nobody can register a device for that, so it would not. */
export async function isUserNotifiable(app: App, { serviceId }: User): Promise<boolean | null> {
  return (await findService(app, serviceId))?.reachabilityEnabled ? false : null
}
