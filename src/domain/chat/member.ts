import { sql } from 'drizzle-orm'
import type { Actor, UserActor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import type { Position } from '../../model/cursor.ts'
import { ChatError, badInput, forbidden, notFound } from '../../model/error.ts'
import type { AddedBy, Member } from '../../model/member.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { covers, type Permission } from '../../model/permission.ts'
import type { Role, Service } from '../../model/service.ts'
import { isSid, newSid, type ChannelId, type RoleId, type UserId } from '../../model/sid.ts'
import { moveChannelCounters } from '../../store/channel.ts'
import { insertDelivery } from '../../store/delivery.ts'
import { deleteDrafts } from '../../store/draft.ts'
import type { Precondition, Tx } from '../../store/engine/db.ts'
import { uniqueViolation } from '../../store/engine/fault.ts'
import { readInviteOf, removeInviteRow } from '../../store/invite.ts'
import {
  countMemberships,
  deleteMemberDeliveries,
  insertMember,
  readMemberByIdentity,
  readMemberOf,
  readMemberPage,
  readMembers,
  updateMemberRow,
} from '../../store/member.ts'
import { deleteSaved } from '../../store/saved-message.ts'
import { deleteFollowedThreads } from '../../store/thread-follower.ts'
import { deletePreferences } from '../../store/user-channel-preferences.ts'
import { stampUserChannel } from '../../store/user-channel.ts'
import { insertUserIfNew, takeUserSeq } from '../../store/user.ts'
import {
  assertMayAddMember,
  assertMayEditMemberRole,
  assertMayJoin,
  assertMayLeave,
  assertMayRemoveMember,
  assertNotDirect,
} from '../access/action-rules.ts'
import { publishMemberAuthority } from '../access/authority-change.ts'
import {
  assertInChannel,
  holdRole,
  lockAccess,
  findRole,
  findService,
  notFoundIfHidden,
  requireAccess,
  requireMembership,
  requireRole,
  requireUser,
  type Access,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelEvent, publishChannelState, publishInvite, publishMembership } from '../realtime/publication.ts'
import { assertText, parseIdentity } from '../validation.ts'
import { memberParameters, updatedMemberParameters, userParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks, originOf, openWebhooks, type Enqueue } from '../webhooks/webhook.ts'
import { horizonOf } from './read-horizon.ts'
import { assertIndex, requireReadStatus, writeAndPublish } from './reading.ts'

/** A member and the position of its change in the channel. */
export interface ChangedMember {
  readonly member: Member
  readonly position: Position
}

export interface AddMemberInput {
  /** SID or unique name. */
  readonly channelId: string
  readonly identity: string
  readonly roleId?: string | null | undefined
}

/**
 * Adds a member. An identity that is new to the service becomes a user.
 * Needs membership and `addMember`; only the backend chooses the role. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function addMember(app: App, actor: Actor, input: AddMemberInput): Promise<ChangedMember> {
  const identity = parseIdentity(input.identity)
  const access = await requireMembership(app, actor, input.channelId)
  assertMayAddMember(access)
  const service = (await findService(app, access.channel.serviceId))!
  if (input.roleId != null && actor.kind !== 'backend') throw forbidden('only the backend chooses roles', 50205)
  const { id: roleId } = await requireRole(app, service.id, input.roleId ?? service.defaultChannelRoleId, 'channel')
  const isSelf = actor.kind === 'user' && actor.identity === identity
  const joining = { identity, roleId, reason: isSelf ? 'JOINED' : 'ADDED' } as const
  return writeMember(app, actor, service, access, joining)
}

/**
 * Adds the caller to a public channel, or to one that it is invited to: then with the role of the invite.
 * Needs a user, and `joinChannel` or an invite. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function joinChannel(app: App, actor: Actor, channelId: string): Promise<ChangedMember> {
  const { userId, identity } = requireUser(actor)
  const access = await requireAccess(app, actor, channelId)
  const { channel, can } = access
  assertMayJoin(access)
  const service = (await findService(app, channel.serviceId))!
  const needsInvite = channel.type === 'private' || !can('joinChannel')
  return writeMember(app, actor, service, access, { userId, identity, needsInvite, reason: 'JOINED' })
}

export function alreadyMember(): ChatError {
  return new ChatError('CONFLICT', 'the identity is already a member of the channel', 50404)
}

interface Joining {
  readonly identity: string
  /** Undefined when a new identity may become a user. */
  readonly userId?: UserId
  /** Defaults to the role of the invite, or else of the service. */
  readonly roleId?: RoleId
  readonly needsInvite?: boolean
  readonly reason: 'ADDED' | 'JOINED'
}

/** Adds the member and uses up its invite. */
async function writeMember(
  app: App,
  actor: Actor,
  service: Service,
  access: Access,
  { identity, userId, roleId, needsInvite = false, reason }: Joining,
): Promise<ChangedMember> {
  const channelId = access.channel.id
  assertNotDirect(access.channel)
  const webhooks = new Webhooks(app, service, originOf(actor))
  await webhooks.runPreEvent('onMemberAdd', () => ({
    ChannelSid: channelId,
    Identity: identity,
    RoleSid: roleId,
    Reason: reason,
  }))
  try {
    const { used, ...joined } = await webhooks.transaction(async (tx, enqueue) => {
      const channel = await lockAccess(tx, actor, access)
      const user = { identity, userId: userId ?? (await userOf(tx, service, identity, enqueue)) }
      const invite = await readInviteOf(tx, channelId, user.userId)
      if (needsInvite && !invite) {
        throw (await readMemberOf(tx, channelId, user.userId)) ? alreadyMember() : notFound('the invite', 50601)
      }
      const used = invite && (await removeInviteRow(tx, invite, await requireUserSeq(tx, user.userId)))
      const role = roleId ?? invite?.roleId ?? service.defaultChannelRoleId
      const member = await joinAs(tx, service, channel, { ...user, roleId: role, addedBy: addedBy(actor, user) })
      enqueue('onMemberAdded', channelId, () => ({ ...memberParameters(member), Reason: reason }))
      return { member, position: positionOf(channel, member), used }
    })
    if (used) publishInvite(app, 'inviteRemoved', used)
    publishMembership(app, 'memberJoined', joined.member)
    return joined
  } catch (error) {
    if (uniqueViolation(error) !== 'members_of_user') throw error
    throw alreadyMember()
  }
}

/** Of a change that was made while the channel was locked. */
function positionOf({ lastIndex }: Channel, { seq }: Member): Position {
  return { index: lastIndex, seq }
}

/** The user with this identity, which is made when it is new to the service. */
export async function userOf(tx: Tx, service: Service, identity: string, enqueue: Enqueue): Promise<UserId> {
  const draft = { id: newSid('US'), serviceId: service.id, identity, roleId: service.defaultServiceRoleId }
  const { user, isNew } = await insertUserIfNew(tx, draft)
  if (isNew) {
    await holdRole(tx, user.roleId, 'deployment')
    enqueue('onUserAdded', user.id, () => userParameters(user))
  }
  return user.id
}

/** The user's next `seq`, under the lock of its row. Throws CONFLICT when the user was deleted meanwhile. */
export async function requireUserSeq(tx: Tx, userId: UserId): Promise<number> {
  const seq = await takeUserSeq(tx, userId)
  if (seq === undefined) throw new ChatError('CONFLICT', 'the user is being deleted', 50002)
  return seq
}

export function addedBy(actor: Actor, { userId }: Pick<UserActor, 'userId'>): AddedBy {
  if (actor.kind !== 'user') return 'backend'
  return actor.userId === userId ? 'self' : 'user'
}

interface NewMembership extends Pick<Member, 'userId' | 'identity' | 'roleId'> {
  readonly addedBy: AddedBy
}

/** Writes the membership under the lock of the channel and then of the user. All locks are taken in this order. */
export async function joinAs(
  tx: Tx,
  service: Service,
  channel: Channel,
  { userId, identity, roleId, addedBy }: NewMembership,
): Promise<Member> {
  const seq = channel.lastSeq + 1
  const userSeq = await requireUserSeq(tx, userId)
  if (channel.membersCount >= service.channelMembersLimit) {
    throw forbidden(`the channel has ${service.channelMembersLimit} members, which is its limit`, 50403)
  }
  // Channels that other users add a user to have a limit of their own: they must not use up what the user may join.
  // Direct channels without a message use up nothing either. Who opens them is bounded, not whom others open them with: otherwise one
  // user could keep another from all direct channels.
  const { memberships, emptyDirect } = await countMemberships(tx, userId, addedBy)
  if (
    memberships >= service.userChannelsLimit ||
    (channel.directKey !== null && addedBy !== 'user' && emptyDirect >= service.userChannelsLimit)
  ) {
    throw forbidden(`the user is in ${service.userChannelsLimit} such channels, which is its limit`, 50208)
  }
  await holdRole(tx, roleId, 'channel')
  const id = newSid('MB')
  const member = await insertMember(tx, {
    channelId: channel.id,
    id,
    userId,
    identity,
    roleId,
    addedBy,
    seq,
    joinedSeq: seq,
    joinedIndex: channel.lastIndex,
    userSeq,
  })
  // Delivery begins with the joining itself, so that a stream of everything reports it to the member.
  await insertDelivery(tx, member, { index: channel.lastIndex, seq: seq - 1 })
  await moveChannelCounters(tx, channel.id, { lastSeq: seq, membersCount: sql`members_count + 1` })
  return member
}

/** A member by its SID, or by its channel and identity. */
export interface MemberName {
  readonly id?: string | null | undefined
  /** SID or unique name. When given beside the SID of a member, the member must be in this channel. */
  readonly channelId?: string | null | undefined
  readonly identity?: string | null | undefined
}

/**
 * A member of a channel that the caller is in, with the caller's access to it. When a member is named by its SID together with a channel,
 * it must be in that one.
 * Needs membership. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function requireMember(app: App, actor: Actor, { id, channelId, identity }: MemberName) {
  if ((id == null) === (identity == null) || (identity != null && channelId == null)) {
    throw badInput('a member is named by its SID, or by its channel and its identity')
  }
  if (identity != null) {
    assertText('identity', identity)
    const access = await requireMembership(app, actor, channelId!)
    const member = await readMemberByIdentity(app.db, access.channel.id, identity)
    if (!member) throw notFound('the member', 50402)
    return { member, access }
  }
  const [member] = isSid('MB', id!) ? await readMembers(app.db, [id!]) : []
  if (!member) throw notFound('the member', 50402)
  return notFoundIfHidden('the member', 50402, async () => {
    const access = await requireMembership(app, actor, member.channelId)
    assertInChannel(access, channelId)
    return { member, access }
  })
}

/**
 * Removes a member from its channel. `precondition` is called under the lock of the channel.
 * Needs `removeMember`, or `leaveChannel` for the caller’s own membership. Throws CONFLICT, FORBIDDEN, NOT_FOUND, and what `precondition` throws.
 */
export async function removeMember(
  app: App,
  actor: Actor,
  name: MemberName,
  precondition?: Precondition,
): Promise<ChangedMember> {
  const { member, access } = await requireMember(app, actor, name)
  const isSelf = access.member?.id === member.id
  assertMayRemoveMember(access, isSelf)
  return writeLeaving(app, actor, access, member, isSelf ? 'LEFT' : 'REMOVED', precondition)
}

/**
 * Ends the caller's membership of a channel.
 * Needs a user that is a member, and `leaveChannel`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function leaveChannel(app: App, actor: Actor, channelId: string): Promise<ChangedMember> {
  requireUser(actor)
  const access = await requireMembership(app, actor, channelId)
  assertMayLeave(access)
  return writeLeaving(app, actor, access, access.member!, 'LEFT')
}

async function writeLeaving(
  app: App,
  actor: Actor,
  access: Access,
  member: Member,
  reason: 'REMOVED' | 'LEFT',
  precondition?: Precondition,
): Promise<ChangedMember> {
  const { channelId, userId, id } = member
  assertNotDirect(access.channel)
  const webhooks = await openWebhooks(app, actor, access)
  await webhooks.runPreEvent('onMemberRemove', () => ({
    ...memberParameters(member),
    DateCreated: null,
    Reason: reason,
  }))
  const left = await webhooks.transaction(async (tx, enqueue) => {
    const channel = await lockAccess(tx, actor, access)
    const current = await readMemberOf(tx, channelId, userId)
    if (current?.id !== id) throw notFound('the member', 50402)
    await precondition?.(tx)
    const seq = channel.lastSeq + 1
    const userSeq = await requireUserSeq(tx, userId)
    const row = (await updateMemberRow(tx, current, { seq, userSeq, leftAt: 'now' }))!
    await deleteMemberDeliveries(tx, channelId, id)
    await deletePreferences(tx, userId, channelId)
    await deleteFollowedThreads(tx, userId, channelId)
    await deleteDrafts(tx, userId, channelId)
    await deleteSaved(tx, userId, channelId)
    await moveChannelCounters(tx, channelId, {
      lastSeq: seq,
      lastLeftSeq: seq,
      membersCount: sql`members_count - 1`,
    })
    enqueue('onMemberRemoved', channelId, () => ({ ...memberParameters(row), Reason: reason, DateRemoved: row.leftAt }))
    return { member: row, position: positionOf(channel, row) }
  })
  publishMemberAuthority(app, userId, [left.member])
  publishMembership(app, 'memberLeft', left.member)
  return left
}

export interface UpdateMemberInput extends MemberName {
  readonly roleId?: string | null | undefined
  /** The newest message the member has read; null for none. */
  readonly lastReadIndex?: number | null | undefined
}

/**
 * Changes a member's role or its read horizon. A read horizon has no position: it is reported as a receipt. Nobody gives or takes a role that allows
 * what the caller may not do, and nobody gets more from itself.
 * Needs `editMemberRole` for a role, and for a read horizon the backend or the member itself. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN,
 * NOT_FOUND.
 */
export async function updateMember(
  app: App,
  actor: Actor,
  input: UpdateMemberInput,
): Promise<{ readonly member: Member; readonly position: Position | undefined }> {
  const { member, access } = await requireMember(app, actor, input)
  if (input.roleId == null && input.lastReadIndex === undefined) throw badInput('nothing to change')
  const { lastReadIndex } = input
  let roleId: RoleId | undefined
  let service: Service | undefined
  if (input.roleId != null) {
    assertMayEditMemberRole(access)
    const role = await requireRole(app, access.channel.serviceId, input.roleId, 'channel')
    if (actor.kind === 'user') await assertMayGive(app, access, member, role)
    roleId = role.id
  }
  if (lastReadIndex !== undefined) {
    service = await requireReadStatus(app, access.channel.serviceId)
    if (actor.kind === 'user' && actor.userId !== member.userId) throw forbidden("a read horizon is its member's own")
    if (lastReadIndex !== null) assertIndex('lastReadIndex', lastReadIndex, access.channel.lastIndex)
  }
  const moved = roleId && (await writeRole(app, actor, access, await openWebhooks(app, actor, access), member, roleId))
  if (!service) return { member: moved!.member, position: moved!.position }
  const { channelId, id: memberId, userId } = member
  const read = { channelId, memberId, userId, kind: 'set', index: lastReadIndex ?? null } as const
  const written = await writeAndPublish(app, actor, service, read)
  return { member: written.member, position: moved?.position }
}

/** Whether a user may change a member's role to this one. */
async function assertMayGive(app: App, access: Access, member: Member, role: Role): Promise<void> {
  const present = await findRole(app, member.roleId)
  const isOwn = access.member?.id === member.id
  const can = isOwn ? (permission: Permission) => (present?.permissions ?? []).includes(permission) : access.can
  if (!covers(can, role.permissions)) throw forbidden('the role allows what the caller may not do', 50205)
  if (!isOwn && !covers(access.can, present?.permissions ?? [])) {
    throw forbidden('the member may do what the caller may not do')
  }
}

/** Throws CONFLICT when the caller is a user and its own role, or that of the member, is another by now. */
async function writeRole(
  app: App,
  actor: Actor,
  access: Access,
  webhooks: Webhooks,
  { channelId, userId, id, roleId: knownRoleId }: Member,
  roleId: RoleId,
): Promise<ChangedMember> {
  const changed = await webhooks.transaction(async (tx, enqueue) => {
    const channel = await lockAccess(tx, actor, access)
    const current = await readMemberOf(tx, channelId, userId)
    if (current?.id !== id) throw notFound('the member', 50402)
    if (actor.kind === 'user') {
      const own = await readMemberOf(tx, channelId, actor.userId)
      // Both could demote each other otherwise, or one give what it has just lost.
      if (own?.roleId !== access.member?.roleId || current.roleId !== knownRoleId) {
        throw new ChatError('CONFLICT', 'the roles have changed meanwhile; read them again')
      }
    }
    const userSeq = await requireUserSeq(tx, userId)
    await holdRole(tx, roleId, 'channel')
    const seq = channel.lastSeq + 1
    const row = (await updateMemberRow(tx, current, { roleId, seq }))!
    await stampUserChannel(tx, userId, channelId, userSeq)
    await moveChannelCounters(tx, channelId, { lastSeq: seq })
    enqueue('onMemberUpdated', channelId, (service) => updatedMemberParameters(row, horizonOf(service, row)))
    return { member: row, position: positionOf(channel, row), userSeq }
  })
  const { member, userSeq } = changed
  publishMemberAuthority(app, userId, [member])
  publishChannelEvent(app, channelId, { type: 'memberUpdated', seq: member.seq, member })
  publishChannelState(app, userId, userSeq, channelId)
  return changed
}

/**
 * One page of a channel's members, in the order they joined. `findFirst` may have read the first of them, and one more, for many channels at once.
 * Needs membership. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listMembers(
  app: App,
  actor: Actor,
  channelId: ChannelId,
  args: PageArgs & { readonly identities?: readonly string[] | null | undefined },
  findFirst: (size: number) => Promise<readonly Member[] | undefined> = async () => undefined,
): Promise<PageOf<Member>> {
  const page = parsePage(actor, args, sidCursor('MB'))
  if (!page.backwards && args.after == null && args.before == null && args.identities == null) {
    const rows = await findFirst(page.size)
    if (rows) return readPage(page, async () => [...rows], byId)
  }
  for (const identity of args.identities ?? []) assertText('identities', identity)
  await requireMembership(app, actor, channelId, 'cached')
  return readPage(page, (part) => readMemberPage(app.db, channelId, part, args.identities ?? undefined), byId)
}
