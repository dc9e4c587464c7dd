import type { Actor, Backend } from '../../model/actor.ts'
import { ChatError, badInput, forbidden, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { newSid } from '../../model/sid.ts'
import type { User, UserChannel } from '../../model/user.ts'
import { eraseAuditEntries } from '../../store/audit-entry.ts'
import type { Precondition } from '../../store/engine/db.ts'
import { uniqueViolation } from '../../store/engine/fault.ts'
import { readUserChannelPage } from '../../store/user-channel.ts'
import { deleteUserRow, type DeletedUser } from '../../store/user-deletion.ts'
import { insertUser, updateUserRow, type UserFields } from '../../store/user.ts'
import { assertMayEditUser } from '../access/action-rules.ts'
import { publishMemberAuthority, publishUserAuthority } from '../access/authority-change.ts'
import {
  findService,
  findUser,
  holdRole,
  requireBackend,
  requireRole,
  requireService,
  requireUser,
  seesOwn,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelEvent, publishPresence, publishUserEvent } from '../realtime/publication.ts'
import { parseAttributes, parseFriendlyName, parseIdentity } from '../validation.ts'
import { checkReplacement, type Replacement } from '../webhooks/webhook-answer.ts'
import { memberParameters, userParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks, originOf } from '../webhooks/webhook.ts'
import { parseProfile, type ProfileInput } from './profile.ts'

async function requireNamed(app: App, actor: Actor, idOrIdentity: string): Promise<User> {
  const user = await findUser(app, actor, idOrIdentity)
  if (!user) throw notFound('the user', 50200)
  return user
}

interface UserDetails extends ProfileInput {
  readonly roleId?: string | null | undefined
  readonly friendlyName?: string | null | undefined
  readonly attributes?: unknown
}

export interface CreateUserInput extends UserDetails {
  readonly identity: string
  readonly serviceId?: string | null | undefined
}

/**
 * Makes a user before its first sign-in.
 * Needs the backend. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function createUser(app: App, actor: Actor, input: CreateUserInput): Promise<User> {
  requireBackend(actor)
  const identity = parseIdentity(input.identity)
  const service = await requireService(app, actor, input.serviceId)
  const friendlyName = parseFriendlyName(input.friendlyName)
  const attributes = parseAttributes(input.attributes, limits.userAttributesBytes)
  const role = await requireRole(app, service.id, input.roleId ?? service.defaultServiceRoleId, 'deployment')
  const draft = {
    id: newSid('US'),
    serviceId: service.id,
    identity,
    roleId: role.id,
    friendlyName,
    attributes,
    ...parseProfile(input, app.clock.now()),
  }
  try {
    return await new Webhooks(app, service, originOf(actor)).transaction(async (tx, enqueue) => {
      const user = await insertUser(tx, draft)
      await holdRole(tx, role.id, 'deployment')
      enqueue('onUserAdded', user.id, () => userParameters(user))
      return user
    })
  } catch (error) {
    if (uniqueViolation(error) !== 'users_identity') throw error
    throw new ChatError('CONFLICT', 'a user with this identity already exists', 50201, { field: 'identity' })
  }
}

export interface UpdateUserInput extends UserDetails {
  /** SID or identity. */
  readonly id: string
  readonly isInvisible?: boolean | null | undefined
  readonly readReceiptsEnabled?: boolean | null | undefined
}

/**
 * Changes a user's name, profile, attributes, own settings or role.
 * Needs `editOwnUserInfo` for oneself, `editAnyUserInfo` for others, the user itself or the backend for its own settings, and the backend
 * for a role. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function updateUser(app: App, actor: Actor, input: UpdateUserInput): Promise<User> {
  const user = await requireNamed(app, actor, input.id)
  const { roleId, friendlyName, attributes } = input
  const role = roleId == null ? undefined : await requireNewRole(app, actor, user, roleId)
  const profile = parseProfile(input, app.clock.now())
  const isEdit = friendlyName !== undefined || attributes !== undefined || Object.keys(profile).length > 0
  if (isEdit) assertMayEditUser(actor, actor.kind === 'user' && actor.userId === user.id)
  const change = {
    ...(role && { roleId: role.id }),
    ...(friendlyName !== undefined && { friendlyName: parseFriendlyName(friendlyName) }),
    ...(attributes !== undefined && { attributes: parseAttributes(attributes, limits.userAttributesBytes) }),
    ...profile,
    ...ownSettings(actor, user, input),
  }
  if (Object.keys(change).length === 0) throw badInput('nothing to change')
  const webhooks = new Webhooks(app, await findService(app, user.serviceId), originOf(actor))
  const reachability = await reachabilityOf(app, user)
  const replaced = await webhooks.runPreEvent('onUserUpdate', () => ({
    ...userParameters({ ...user, ...change }),
    ...reachability,
    DateUpdated: user.updatedAt,
  }))
  const changed = await webhooks.transaction(async (tx, enqueue) => {
    const row = await updateUserRow(tx, user.id, { ...change, ...parseReplaced(replaced) })
    if (!row) throw notFound('the user', 50200)
    if (role) await holdRole(tx, role.id, 'deployment')
    enqueue('onUserUpdated', row.id, () => ({ ...userParameters(row), ...reachability, DateUpdated: row.updatedAt }))
    return row
  })
  publishUserAuthority(app, changed)
  publishUserEvent(app, changed.id, { type: 'userUpdated', seq: changed.seq, user: changed })
  if (changed.isInvisible !== user.isInvisible) publishPresence(app, changed)
  return changed
}

async function requireNewRole(app: App, actor: Actor, { serviceId }: User, roleId: string) {
  if (actor.kind !== 'backend') throw forbidden('only the backend changes roles', 50205)
  return requireRole(app, serviceId, roleId, 'deployment')
}

/** What a user decides about itself, whatever its roles permit. */
function ownSettings(
  actor: Actor,
  { id }: User,
  { isInvisible, readReceiptsEnabled }: UpdateUserInput,
): Partial<UserFields> {
  const change = {
    ...(isInvisible != null && { isInvisible }),
    ...(readReceiptsEnabled != null && { readReceiptsEnabled }),
  }
  if (Object.keys(change).length > 0 && actor.kind !== 'backend' && requireUser(actor).userId !== id) {
    throw forbidden('the own settings of a user are its own affair')
  }
  return change
}

/** Checks what the answer of a pre-event replaces, as if the caller had sent it. */
function parseReplaced({ friendlyName, attributes }: Replacement) {
  return checkReplacement(() => ({
    ...(friendlyName !== undefined && { friendlyName: parseFriendlyName(friendlyName) }),
    ...(attributes !== undefined && { attributes: parseAttributes(attributes, limits.userAttributesBytes) }),
  }))
}

async function reachabilityOf(app: App, user: User) {
  return { IsOnline: await isUserOnline(app, user), IsNotifiable: await isUserNotifiable(app, user) }
}

/**
 * Deletes a user. It leaves all of its channels, its invites are withdrawn, and its tokens are refused, on open sockets too. Its
 * messages stay. Another user can get the identity, with new tokens. `precondition` is called under the lock of the user.
 * Needs the backend. Throws CONFLICT, FORBIDDEN, NOT_FOUND, and what `precondition` throws.
 */
export async function deleteUser(
  app: App,
  actor: Actor,
  idOrIdentity: string,
  precondition?: Precondition,
): Promise<User> {
  const backend = requireBackend(actor)
  const named = await requireNamed(app, actor, idOrIdentity)
  const { user, left } = await writeDeletion(app, backend, named, precondition)
  publishUserAuthority(app, user)
  publishMemberAuthority(app, user.id, left)
  publishUserEvent(app, user.id, { type: 'userDeleted', seq: user.seq, user })
  for (const member of left) {
    publishChannelEvent(app, member.channelId, { type: 'memberLeft', seq: member.seq, member })
  }
  return user
}

/** Thrown to roll back a transaction. */
class JoinedMeanwhile extends Error {
  override readonly name = 'JoinedMeanwhile'
}

async function writeDeletion(
  app: App,
  actor: Backend,
  { id, serviceId }: User,
  precondition: Precondition | undefined,
): Promise<DeletedUser> {
  const webhooks = new Webhooks(app, await findService(app, serviceId), originOf(actor))
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await webhooks.transaction(async (tx, enqueue) => {
        const deleted = await deleteUserRow(tx, id, precondition)
        if (!deleted) throw notFound('the user', 50200)
        if (deleted === 'again') throw new JoinedMeanwhile()
        await eraseAuditEntries(tx, actor.accountId, id)
        for (const member of deleted.left) {
          const removal = { Reason: 'REMOVED', DateRemoved: member.leftAt }
          enqueue('onMemberRemoved', member.channelId, () => ({ ...memberParameters(member), ...removal }))
        }
        return deleted
      })
    } catch (error) {
      if (!(error instanceof JoinedMeanwhile)) throw error
    }
  }
  throw new ChatError('CONFLICT', 'the user joins channels faster than it can be deleted', 50349)
}

/**
 * One page of the channels that a user is in or invited to, oldest first.
 * Needs the backend or the user itself. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listUserChannels(
  app: App,
  actor: Actor,
  user: User,
  args: PageArgs,
): Promise<PageOf<UserChannel>> {
  if (!seesOwn(actor, user.id)) throw forbidden('the channels of a user are its own affair')
  const page = parsePage(actor, args, sidCursor('CH'))
  return readPage(
    page,
    (part) => readUserChannelPage(app.db, user.id, part),
    ({ channel }) => channel.id,
  )
}

/** Whether the user has an open connection. Null when the service does not report it, or when it cannot be known. */
async function isUserOnline(app: App, { id, serviceId }: User): Promise<boolean | null> {
  if (!(await findService(app, serviceId))?.reachabilityEnabled) return null
  return (await app.presence.isOnline(id)) ?? null
}

/** Whether a push notification would reach the user: false, since devices cannot register for them. Null when the service does not report it. */
export async function isUserNotifiable(app: App, { serviceId }: User): Promise<boolean | null> {
  return (await findService(app, serviceId))?.reachabilityEnabled ? false : null
}
