import type { Actor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import { ChatError, badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Member } from '../../model/member.ts'
import { newSid, type ServiceId, type UserId } from '../../model/sid.ts'
import { insertChannel, readDirectChannel } from '../../store/channel.ts'
import { uniqueViolation } from '../../store/engine/fault.ts'
import { readMemberOf } from '../../store/member.ts'
import { readUsersOfIdentities } from '../../store/user.ts'
import { assertMayCreateChannel } from '../access/action-rules.ts'
import { requireService, requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishMembership } from '../realtime/publication.ts'
import { parseIdentity } from '../validation.ts'
import { channelParameters, memberParameters, newChannelParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks, originOf } from '../webhooks/webhook.ts'
import { lookUpPreferences, updateChannelPreferences } from './channel-preferences.ts'
import { parseReplaced } from './channel.ts'
import { addedBy, joinAs, userOf } from './member.ts'

export interface DirectChannel {
  readonly channel: Channel
  /** Of the caller. */
  readonly member: Member
}

const keyOf = (userIds: readonly UserId[]): string => userIds.toSorted().join()

/**
 * The direct channel of the caller and others, which is made when there is none. Identities that are new to the service become users. A channel that
 * the caller has hidden is shown again.
 * Needs a user and `createChannel`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function openDirectChannel(app: App, actor: Actor, identities: readonly string[]): Promise<DirectChannel> {
  const { identity } = requireUser(actor)
  assertMayCreateChannel(actor)
  const all = [...new Set([identity, ...identities.map((one) => parseIdentity(one, 'identities'))])]
  if (all.length < 2 || all.length > limits.directMembers) {
    throw badInput(`a direct channel is of 2 to ${limits.directMembers} people, the caller included`, 'identities')
  }
  const service = await requireService(app, actor, undefined)
  const found = await findDirect(app, actor, service.id, all)
  if (found) return found
  try {
    return await makeDirect(app, actor, all)
  } catch (error) {
    if (uniqueViolation(error) !== 'channels_direct') throw error
  }
  // Somebody else has made it at the same moment.
  const made = await findDirect(app, actor, service.id, all)
  if (!made) throw new ChatError('CONFLICT', 'the direct channel was deleted at the same moment')
  return made
}

async function findDirect(
  app: App,
  actor: Actor,
  serviceId: ServiceId,
  identities: readonly string[],
): Promise<DirectChannel | undefined> {
  const users = await readUsersOfIdentities(app.db, { serviceId, visibleTo: undefined }, identities)
  if (users.length < identities.length) return undefined
  const channel = await readDirectChannel(app.db, serviceId, keyOf(users.map(({ id }) => id)))
  const member = channel && (await readMemberOf(app.db, channel.id, requireUser(actor).userId))
  if (!member) return undefined
  const [preferences] = await lookUpPreferences(app, [member], actor)
  if (preferences?.isHidden) await updateChannelPreferences(app, actor, { channelId: channel.id, isHidden: false })
  return { channel, member }
}

async function makeDirect(app: App, actor: Actor, identities: readonly string[]): Promise<DirectChannel> {
  const { identity: own, userId } = requireUser(actor)
  const service = await requireService(app, actor, undefined)
  const draft = {
    id: newSid('CH'),
    serviceId: service.id,
    uniqueName: null,
    friendlyName: null,
    type: 'private' as const,
    attributes: '{}',
    createdBy: own,
  }
  const reasonOf = (identity: string): string => (identity === own ? 'JOINED' : 'ADDED')
  const webhooks = new Webhooks(app, service, originOf(actor))
  Object.assign(draft, parseReplaced(await webhooks.runPreEvent('onChannelAdd', () => newChannelParameters(draft))))
  const roleId = service.defaultChannelRoleId
  for (const identity of identities) {
    if (identity === own) continue
    const joining = { ChannelSid: draft.id, Identity: identity, RoleSid: roleId, Reason: reasonOf(identity) }
    await webhooks.runPreEvent('onMemberAdd', () => joining)
  }
  const { channel, joined } = await webhooks.transaction(async (tx, enqueue) => {
    const people: { readonly identity: string; readonly userId: UserId }[] = []
    // All who open channels make users in one order, and lock them in one order.
    for (const identity of identities.toSorted()) {
      people.push({ identity, userId: identity === own ? userId : await userOf(tx, service, identity, enqueue) })
    }
    people.sort((one, other) => (one.userId < other.userId ? -1 : 1))
    let channel = await insertChannel(tx, { ...draft, directKey: keyOf(people.map((person) => person.userId)) })
    enqueue('onChannelAdded', channel.id, () => channelParameters(channel))
    const joined: Member[] = []
    for (const person of people) {
      const member = await joinAs(tx, service, channel, { ...person, roleId, addedBy: addedBy(actor, person) })
      channel = { ...channel, membersCount: channel.membersCount + 1, lastSeq: member.seq }
      enqueue('onMemberAdded', channel.id, () => ({ ...memberParameters(member), Reason: reasonOf(person.identity) }))
      joined.push(member)
    }
    return { channel, joined }
  })
  for (const member of joined) publishMembership(app, 'memberJoined', member)
  return { channel, member: joined.find((member) => member.userId === userId)! }
}
