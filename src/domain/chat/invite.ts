import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput, forbidden, notFound } from '../../model/error.ts'
import type { Invite } from '../../model/invite.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid, type ChannelId } from '../../model/sid.ts'
import { uniqueViolation } from '../../store/engine/fault.ts'
import {
  insertInvite,
  readInvite,
  readInviteOf,
  readInvitePage,
  readServiceInvitePage,
  readUserInvitePage,
  removeInviteRow,
} from '../../store/invite.ts'
import { readMemberOf } from '../../store/member.ts'
import { readUserByIdentity } from '../../store/user.ts'
import { assertMayInvite } from '../access/action-rules.ts'
import {
  assertCan,
  assertInChannel,
  findService,
  holdRole,
  notFoundIfHidden,
  lockAccess,
  actorName,
  requireAccess,
  requireBackend,
  requireMembership,
  requireRole,
  requireService,
  requireUser,
  type Access,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishInvite } from '../realtime/publication.ts'
import { assertText, parseIdentity } from '../validation.ts'
import { requireUserSeq } from './member.ts'

export interface CreateInviteInput {
  /** SID or unique name. */
  readonly channelId: string
  readonly identity: string
  readonly roleId?: string | null | undefined
}

/**
 * Invites a user of the service, which can then see the channel and join it.
 * Needs membership and `inviteMember`; only the backend chooses the role. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function createInvite(app: App, actor: Actor, input: CreateInviteInput): Promise<Invite> {
  const identity = parseIdentity(input.identity)
  const access = await requireMembership(app, actor, input.channelId)
  assertMayInvite(access)
  const { channel } = access
  const service = (await findService(app, channel.serviceId))!
  if (input.roleId != null && actor.kind !== 'backend') throw forbidden('only the backend chooses roles', 50205)
  const { id: roleId } = await requireRole(app, service.id, input.roleId ?? service.defaultChannelRoleId, 'channel')
  const { user } = await readUserByIdentity(app.db, service.id, identity)
  if (!user) throw notFound('the user', 50200)
  const createdBy = actorName(actor)
  try {
    const invite = await app.db.transaction(async (tx) => {
      await lockAccess(tx, actor, access)
      if (await readMemberOf(tx, channel.id, user.id)) {
        throw new ChatError('CONFLICT', 'the identity is already a member of the channel', 50404)
      }
      const userSeq = await requireUserSeq(tx, user.id)
      await holdRole(tx, roleId, 'channel')
      const draft = { channelId: channel.id, id: newSid('IN'), userId: user.id, identity, roleId, createdBy, userSeq }
      return insertInvite(tx, draft)
    })
    publishInvite(app, 'inviteAdded', invite)
    return invite
  } catch (error) {
    if (uniqueViolation(error) !== 'invites_user') throw error
    throw new ChatError('CONFLICT', 'the identity is already invited to the channel', 50212)
  }
}

/**
 * A pending invite: the caller's own, or one to a channel that the caller is in. When a channel is given, the invite must be to it.
 * Needs nothing. Throws NOT_FOUND.
 */
export async function requireInvite(
  app: App,
  actor: Actor,
  id: string,
  channelId?: string | null,
): Promise<{ invite: Invite; access: Access }> {
  const invite = isSid('IN', id) ? await readInvite(app.db, id) : undefined
  if (!invite) throw notFound('the invite', 50601)
  const isOwn = actor.kind === 'user' && actor.userId === invite.userId
  return notFoundIfHidden('the invite', 50601, async () => {
    const access = await (isOwn ? requireAccess : requireMembership)(app, actor, invite.channelId)
    assertInChannel(access, channelId)
    return { invite, access }
  })
}

/**
 * Declines the caller's invite to a channel. `joinChannel` accepts it.
 * Needs a user. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function declineInvite(app: App, actor: Actor, channelId: string): Promise<Invite> {
  requireUser(actor)
  const access = await requireAccess(app, actor, channelId)
  const { member, invite } = access
  if (member) throw badInput('a member of the channel cannot decline', undefined, 50602)
  if (!invite) throw notFound('the invite', 50601)
  return removeInvite(app, actor, access, invite)
}

/**
 * Withdraws an invite.
 * Needs `inviteMember`, unless the invite is the caller’s own. Throws CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function deleteInvite(
  app: App,
  actor: Actor,
  { id, channelId }: { readonly id: string; readonly channelId?: string | null | undefined },
): Promise<Invite> {
  const { invite, access } = await requireInvite(app, actor, id, channelId)
  if (access.invite?.id !== invite.id) assertCan(access, 'inviteMember')
  return removeInvite(app, actor, access, invite)
}

async function removeInvite(
  app: App,
  actor: Actor,
  access: Access,
  { channelId, userId, id }: Invite,
): Promise<Invite> {
  const removed = await app.db.transaction(async (tx) => {
    await lockAccess(tx, actor, access)
    const current = await readInviteOf(tx, channelId, userId)
    if (current?.id !== id) throw notFound('the invite', 50601)
    return removeInviteRow(tx, current, await requireUserSeq(tx, userId))
  })
  publishInvite(app, 'inviteRemoved', removed)
  return removed
}

/**
 * One page of a channel's pending invites, oldest first.
 * Needs membership. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listInvites(
  app: App,
  actor: Actor,
  channelId: ChannelId,
  args: PageArgs & { readonly identities?: readonly string[] | null | undefined },
): Promise<PageOf<Invite>> {
  const page = parsePage(actor, args, sidCursor('IN'))
  for (const identity of args.identities ?? []) assertText('identities', identity)
  await requireMembership(app, actor, channelId, 'cached')
  return readPage(page, (part) => readInvitePage(app.db, channelId, part, args.identities ?? undefined), byId)
}

export interface ServiceInvitesArgs extends PageArgs {
  readonly serviceId?: string | null | undefined
  readonly filter?:
    | {
        /** SID or unique name. */
        readonly channelId?: string | null | undefined
        readonly identity?: string | null | undefined
      }
    | null
    | undefined
}

/**
 * One page of a service's pending invites, oldest first: all, or those to one channel, to one user, or both.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listServiceInvites(app: App, actor: Actor, args: ServiceInvitesArgs): Promise<PageOf<Invite>> {
  const backend = requireBackend(actor)
  const { channelId, identity } = args.filter ?? {}
  const page = parsePage(actor, args, sidCursor('IN'))
  if (identity != null) assertText('identity', identity, undefined, 'filter.identity')
  if (channelId != null) assertText('channelId', channelId, undefined, 'filter.channelId')
  const { id: serviceId } = await requireService(app, actor, args.serviceId)
  if (channelId != null) {
    // A unique name is one of the service.
    const { channel } = await requireAccess(app, { ...backend, serviceId }, channelId)
    const identities = identity == null ? undefined : [identity]
    return readPage(page, (part) => readInvitePage(app.db, channel.id, part, identities), byId)
  }
  if (identity == null) return readPage(page, (part) => readServiceInvitePage(app.db, serviceId, part), byId)
  const { user } = await readUserByIdentity(app.db, serviceId, identity)
  return readPage(page, async (part) => (user ? readUserInvitePage(app.db, user.id, part) : []), byId)
}
