import type { Actor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import { forbidden, type ChatError } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import type { Permission } from '../../model/permission.ts'
import { assertCan, assertNotFrozen, type Access } from './authority.ts'

/**
 * What the caller needs for what it does with a message, a channel or a user that it has found. The operations decide by these, and `permissionCheck`
 * answers by them. Each throws FORBIDDEN.
 */

type Written = Pick<Message, 'author'>

function isOwn(actor: Actor, { author }: Written): boolean {
  return actor.kind === 'user' && author === actor.identity
}

/** Needs one permission for what is the caller's own, another for what anybody has. */
function assertCanOwn(actor: Actor, access: Access, message: Written, own: Permission, any: Permission): void {
  if (!(isOwn(actor, message) && access.can(own))) assertCan(access, any)
}

export function assertMayEditText(actor: Actor, access: Access, message: Written): void {
  assertNotFrozen(access)
  assertCanOwn(actor, access, message, 'editOwnMessage', 'editAnyMessage')
}

export function assertMayEditAttributes(actor: Actor, access: Access, message: Written): void {
  assertNotFrozen(access)
  assertCanOwn(actor, access, message, 'editOwnMessageAttributes', 'editAnyMessageAttributes')
}

export function assertMayDelete(actor: Actor, access: Access, message: Written): void {
  assertCanOwn(actor, access, message, 'deleteOwnMessage', 'deleteAnyMessage')
}

export function assertMayPin(access: Access): void {
  assertCan(access, 'pinMessage')
  assertNotFrozen(access)
}

export function assertMayReact(access: Access): void {
  assertCan(access, 'react')
  assertNotFrozen(access)
}

export function assertMayWriteStream(actor: Actor, access: Access, author: string): void {
  assertCan(access, 'streamMessage')
  if (actor.kind === 'user' && !isOwn(actor, { author })) {
    throw forbidden('only its author writes the text of a message')
  }
}

/** What a send needs besides that the channel is not frozen, which a repetition of one may be answered in spite of. */
export function assertMaySend(access: Access, mentionsChannel = false, isStreaming = false): void {
  assertCan(access, 'sendMessage')
  if (mentionsChannel) assertMayMentionChannel(access)
  if (isStreaming) assertCan(access, 'streamMessage')
}

export function assertMayMentionChannel(access: Access): void {
  assertCan(access, 'mentionChannel')
}

export function assertMayAddMember(access: Access): void {
  assertCan(access, 'addMember')
}

export function assertMayInvite(access: Access): void {
  assertCan(access, 'inviteMember')
  assertNotDirect(access.channel)
}

/** Who is invited joins whatever its role permits. */
export function assertMayJoin({ invite, can }: Access): void {
  if (!invite && !can('joinChannel')) throw missing('joinChannel')
}

export function assertMayLeave(access: Access): void {
  assertCan(access, 'leaveChannel')
}

/** `isSelf`: whether the caller is the member, who may leave. */
export function assertMayRemoveMember(access: Access, isSelf: boolean): void {
  if (!(isSelf && access.can('leaveChannel'))) assertCan(access, 'removeMember')
}

/** Which roles it may give to whom depends on these. */
export function assertMayEditMemberRole(access: Access): void {
  assertCan(access, 'editMemberRole')
}

export function assertMayRename(access: Access): void {
  assertCan(access, 'editChannelName')
}

export function assertMayEditChannelAttributes(access: Access): void {
  assertCan(access, 'editChannelAttributes')
}

export function assertMayFreeze(access: Access): void {
  assertCan(access, 'freezeChannel')
}

export function assertMayTruncate(access: Access): void {
  assertCan(access, 'truncateChannel')
}

export function assertMayDestroy(access: Access): void {
  assertCan(access, 'destroyChannel')
}

/** Throws FORBIDDEN, for the backend too: a direct channel is the channel of its members, whom it is found by. */
export function assertNotDirect({ directKey }: Pick<Channel, 'directKey'>): void {
  if (directKey !== null) throw forbidden('the members of a direct channel never change')
}

export function assertMayCreateChannel(actor: Actor): void {
  if (actor.kind === 'user' && !actor.permissions.has('createChannel')) throw missing('createChannel')
}

export function assertMayEditUser(actor: Actor, isSelf: boolean): void {
  if (actor.kind === 'backend') return
  if (actor.kind !== 'user') throw forbidden('only a user or the backend can do this')
  const { permissions } = actor
  const permission = isSelf ? 'editOwnUserInfo' : 'editAnyUserInfo'
  if (!permissions.has(permission) && !permissions.has('editAnyUserInfo')) throw missing(permission)
}

function missing(permission: Permission): ChatError {
  return forbidden(`the permission ${permission} is missing`)
}
