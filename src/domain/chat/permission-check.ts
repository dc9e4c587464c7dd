import type { Actor, UserActor } from '../../model/actor.ts'
import { ChatError, badInput, notFound } from '../../model/error.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import type { Permission } from '../../model/permission.ts'
import type { Role } from '../../model/service.ts'
import type { User } from '../../model/user.ts'
import { readUserByIdentity } from '../../store/user.ts'
import * as rules from '../access/action-rules.ts'
import { userWithoutToken } from '../access/authentication.ts'
import {
  assertNotFrozen,
  findRole,
  notFoundIfHidden,
  requireAccess,
  requireBackend,
  requireMembership,
  requireService,
  type Access,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { alreadyMember } from './member.ts'
import { assertNotStreaming, requireMessage } from './message.ts'

type InService = (actor: UserActor) => void
type InChannel = (actor: UserActor, access: Access) => void
type OnMessage = (actor: UserActor, access: Access, message: Message) => void

/** What is decided by the user's deployment role alone. */
const inService = {
  createChannel: rules.assertMayCreateChannel,
  editOwnUser: (actor) => rules.assertMayEditUser(actor, true),
  editOtherUser: (actor) => rules.assertMayEditUser(actor, false),
} satisfies Record<string, InService>

/** What is decided by a channel and the user's membership of it. */
const inChannel = {
  readChannel: () => {},
  joinChannel: (_actor, access) => {
    rules.assertMayJoin(access)
    rules.assertNotDirect(access.channel)
    if (access.member) throw alreadyMember()
  },
  leaveChannel: (_actor, access) => {
    rules.assertMayLeave(access)
    rules.assertNotDirect(access.channel)
  },
  sendMessage: (_actor, access) => {
    rules.assertMaySend(access)
    assertNotFrozen(access)
  },
  mentionChannel: (_actor, access) => {
    rules.assertMaySend(access, true)
    assertNotFrozen(access)
  },
  streamMessage: (_actor, access) => {
    rules.assertMaySend(access, false, true)
    assertNotFrozen(access)
  },
  addMember: (_actor, access) => {
    rules.assertMayAddMember(access)
    rules.assertNotDirect(access.channel)
  },
  inviteMember: (_actor, access) => rules.assertMayInvite(access),
  removeMember: (_actor, access) => {
    rules.assertMayRemoveMember(access, false)
    rules.assertNotDirect(access.channel)
  },
  editMemberRole: (_actor, access) => rules.assertMayEditMemberRole(access),
  editChannelName: (_actor, access) => rules.assertMayRename(access),
  editChannelAttributes: (_actor, access) => rules.assertMayEditChannelAttributes(access),
  freezeChannel: (_actor, access) => rules.assertMayFreeze(access),
  truncateChannel: (_actor, access) => rules.assertMayTruncate(access),
  deleteChannel: (_actor, access) => rules.assertMayDestroy(access),
} satisfies Record<string, InChannel>

/** Those of users that are no members. */
const ofOutsiders: ReadonlySet<string> = new Set(['joinChannel'])

/** What is decided by a message and the user's membership of its channel. */
const onMessage = {
  editMessage: (actor, access, message) => {
    rules.assertMayEditText(actor, access, message)
    assertNotStreaming(message)
  },
  editMessageAttributes: (actor, access, message) => {
    rules.assertMayEditAttributes(actor, access, message)
    assertNotStreaming(message)
  },
  deleteMessage: rules.assertMayDelete,
  pinMessage: (_actor, access) => rules.assertMayPin(access),
  react: (_actor, access) => rules.assertMayReact(access),
} satisfies Record<string, OnMessage>

export type CheckedAction = keyof typeof inService | keyof typeof inChannel | keyof typeof onMessage

export type RefusalReason = 'noUser' | 'notMember' | 'permissionMissing' | 'channelFrozen' | 'other'

/** A permission that the decision has asked for, and the roles of the user that have it. */
export interface CheckedPermission {
  readonly name: Permission
  readonly roles: readonly Role[]
}

export interface PermissionCheck {
  readonly user: User | undefined
  readonly member: Member | undefined
  readonly permissions: readonly CheckedPermission[]
  /** What the user would be answered; undefined where it may do it. */
  readonly refusal: { readonly reason: RefusalReason; readonly error: ChatError } | undefined
}

export interface PermissionCheckArgs {
  readonly identity: string
  readonly action: CheckedAction
  readonly serviceId?: string | null | undefined
  /** SID or unique name. */
  readonly channelId?: string | null | undefined
  readonly messageId?: string | null | undefined
}

/** Remembers which permissions were asked for. */
class AskedPermissions extends Set<Permission> {
  readonly asked = new Set<Permission>()

  override has(permission: Permission): boolean {
    this.asked.add(permission)
    return super.has(permission)
  }
}

/**
 * Whether a user may do something now, by the rules of the operation that does it. Nothing is changed.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function checkPermission(app: App, actor: Actor, args: PermissionCheckArgs): Promise<PermissionCheck> {
  const backend = requireBackend(actor)
  assertText('identity', args.identity)
  const { action, identity, messageId, channelId } = args
  // A unique name is one of the service that is named.
  const within =
    args.serviceId == null ? backend : { ...backend, serviceId: (await requireService(app, actor, args.serviceId)).id }
  if (isIn(inService, action)) {
    const { id: serviceId } = await requireService(app, within, undefined)
    const rule = (user: UserActor) => inService[action](user)
    return decide(app, { serviceId, identity }, async () => undefined, rule)
  }
  if (isIn(onMessage, action)) {
    if (messageId == null) throw badInput('the action needs a message', 'messageId')
    const { message, access } = await requireMessage(app, within, messageId, channelId)
    const find = (user: UserActor) =>
      notFoundIfHidden('the message', 50500, () => requireMembership(app, user, message.channelId))
    const rule = (user: UserActor, own: Access | undefined) => onMessage[action](user, own!, message)
    return decide(app, { serviceId: access.channel.serviceId, identity }, find, rule)
  }
  if (channelId == null) throw badInput('the action needs a channel', 'channelId')
  const { id, serviceId } = (await requireAccess(app, within, channelId)).channel
  const find = (user: UserActor) =>
    ofOutsiders.has(action) ? requireAccess(app, user, id) : requireMembership(app, user, id)
  const rule = (user: UserActor, own: Access | undefined) => inChannel[action](user, own!)
  return decide(app, { serviceId, identity }, find, rule)
}

function isIn<Action extends string>(actions: Readonly<Record<Action, unknown>>, action: string): action is Action {
  return Object.hasOwn(actions, action)
}

async function decide(
  app: App,
  named: Pick<UserActor, 'serviceId' | 'identity'>,
  find: (user: UserActor) => Promise<Access | undefined>,
  rule: (user: UserActor, access: Access | undefined) => void,
): Promise<PermissionCheck> {
  const { user } = await readUserByIdentity(app.db, named.serviceId, named.identity)
  const known = user && (await refusedOr(() => userWithoutToken(app, { ...named, userId: user.id })))
  if (!user || !known || known instanceof ChatError) {
    const refusal = { reason: 'noUser', error: notFound('the user', 50200) } as const
    return { user: undefined, member: undefined, permissions: [], refusal }
  }
  const permissions = new AskedPermissions(known.permissions)
  const caller = { ...known, permissions }
  const access = await refusedOr(() => find(caller))
  if (access instanceof ChatError) {
    return { user, member: undefined, permissions: [], refusal: { reason: 'notMember', error: access } }
  }
  const outcome = await refusedOr(async () => rule(caller, access))
  const error = outcome instanceof ChatError ? outcome : undefined
  const member = access?.member ?? undefined
  const roles = await Promise.all(
    [user.roleId, member?.roleId].map(async (id) => (id === undefined ? undefined : findRole(app, id))),
  )
  const asked = Array.from(permissions.asked, (name) => ({
    name,
    roles: roles.filter((role) => role !== undefined && role.permissions.includes(name)) as Role[],
  }))
  return { user, member, permissions: asked, refusal: error && { reason: reasonOf(asked.at(-1)), error } }
}

/** The decision ends at the first permission that is missing. */
function reasonOf(last: CheckedPermission | undefined): RefusalReason {
  if (!last || last.roles.length > 0) return 'other'
  return last.name === 'sendToFrozenChannel' ? 'channelFrozen' : 'permissionMissing'
}

const refusals = new Set<string>(['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'UNAUTHENTICATED'])

/** The refusal of a user, where it is refused. Throws what is none, as that the database is away. */
async function refusedOr<Found>(work: () => Promise<Found>): Promise<Found | ChatError> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChatError && refusals.has(error.code)) return error
    throw error
  }
}
