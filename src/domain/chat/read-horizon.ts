import type { Actor } from '../../model/actor.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import type { Service } from '../../model/service.ts'
import type { MemberId } from '../../model/sid.ts'
import type { UnreadTotals } from '../../model/user-channel.ts'
import { readChannels } from '../../store/channel.ts'
import { readFirstUnread, readUnreadCounts, readUnreadTotals, type UnreadCount } from '../../store/read-state.ts'
import { readUsersHidingReads } from '../../store/receipt.ts'
import { findService, requireUser, seesOwn } from '../access/authority.ts'
import type { App } from '../app.ts'

type ReadHorizon = Pick<Member, 'lastReadIndex' | 'lastReadAt'>

const unknown: ReadHorizon = { lastReadIndex: null, lastReadAt: null }

/** How far a member has read. Null when its service keeps no read horizons, even if one was stored before. */
export function horizonOf({ readStatusEnabled }: Pick<Service, 'readStatusEnabled'>, member: Member): ReadHorizon {
  // The row keeps when it was read last, also where the member says since that it has read nothing.
  if (!readStatusEnabled || member.lastReadIndex === null) return unknown
  return { lastReadIndex: member.lastReadIndex, lastReadAt: member.lastReadAt }
}

/**
 * How far each member has read, in their order. Undefined where the service was deleted; null for users where it is the member of another one
 * that reports its reading to nobody.
 */
export async function lookUpHorizons(
  app: App,
  members: readonly Member[],
  actor: Actor | undefined,
): Promise<(ReadHorizon | undefined)[]> {
  const services = await servicesOf(app, members)
  const others = members.filter((member) => member.lastReadIndex !== null && !seesOwn(actor, member.userId))
  const userIds = [...new Set(others.map(({ userId }) => userId))]
  const hidden = userIds.length > 0 ? await readUsersHidingReads(app.db, userIds) : new Set()
  return members.map((member, at) => {
    if (hidden.has(member.userId) && !seesOwn(actor, member.userId)) return unknown
    return services[at] && horizonOf(services[at], member)
  })
}

/**
 * The number of messages that each member has not read, in their order. Null where the service keeps no read horizons, and for a user on
 * the members of others.
 */
export async function lookUpUnreadCounts(
  app: App,
  members: readonly Member[],
  actor: Actor | undefined,
): Promise<(UnreadCount | null)[]> {
  const ids = await countedOf(app, members, actor)
  const rows = ids.length > 0 ? await readUnreadCounts(app.db, ids) : []
  const counts = new Map(rows.map((count) => [count.id, count]))
  return members.map(({ id }) => counts.get(id) ?? null)
}

/** The first message that each member has not read, in their order; null as `lookUpUnreadCounts`, and where all is read. */
export async function lookUpFirstUnread(
  app: App,
  members: readonly Member[],
  actor: Actor | undefined,
): Promise<(Message | null)[]> {
  const ids = await countedOf(app, members, actor)
  const rows = ids.length > 0 ? await readFirstUnread(app.db, ids) : []
  const messages = new Map(rows.map(({ memberId, message }) => [memberId, message]))
  return members.map(({ id }) => messages.get(id) ?? null)
}

/** Those whose counts the caller may see, in services that keep read horizons. */
export async function countedOf(app: App, members: readonly Member[], actor: Actor | undefined): Promise<MemberId[]> {
  const own = members.filter(({ userId }) => seesOwn(actor, userId))
  const services = await servicesOf(app, own)
  return own.flatMap(({ id }, at) => (services[at]?.readStatusEnabled ? id : []))
}

/**
 * What a user has not read in all of its channels. Null where the service keeps no read horizons.
 * Needs a user. Throws FORBIDDEN.
 */
export async function readUnreadTotalsOf(app: App, actor: Actor): Promise<UnreadTotals | null> {
  const { userId, serviceId } = requireUser(actor)
  const service = await findService(app, serviceId)
  return service?.readStatusEnabled ? readUnreadTotals(app.db, userId) : null
}

async function servicesOf(app: App, members: readonly Member[]): Promise<(Service | undefined)[]> {
  const { channelServices } = app.caches
  const channelIds = [...new Set(members.map(({ channelId }) => channelId))]
  const unknown = channelIds.filter((id) => !channelServices.has(id))
  const known = new Map(channelIds.map((id) => [id, channelServices.get(id)]))
  for (const { id, serviceId } of unknown.length > 0 ? await readChannels(app.db, unknown) : []) {
    known.set(id, serviceId)
    channelServices.set(id, serviceId)
  }
  return Promise.all(members.map(({ channelId }) => findService(app, known.get(channelId) ?? '')))
}
