import type { Member } from '../../model/member.ts'
import type { Service } from '../../model/service.ts'
import { readChannels } from '../../store/channel.ts'
import { readUnreadCounts } from '../../store/member.ts'
import { findService } from '../access/authority.ts'
import type { App } from '../app.ts'

type ReadHorizon = Pick<Member, 'lastReadIndex' | 'lastReadAt'>

/** How far a member has read. Null when its service keeps no read horizons, even if one was stored before. */
export function horizonOf({ readStatusEnabled }: Pick<Service, 'readStatusEnabled'>, member: Member): ReadHorizon {
  if (!readStatusEnabled) return { lastReadIndex: null, lastReadAt: null }
  return { lastReadIndex: member.lastReadIndex, lastReadAt: member.lastReadAt }
}

/** How far each member has read, in their order. Undefined where the service was deleted. */
export async function lookUpHorizons(app: App, members: readonly Member[]): Promise<(ReadHorizon | undefined)[]> {
  const services = await servicesOf(app, members)
  return members.map((member, at) => services[at] && horizonOf(services[at], member))
}

/** The number of messages above each member's read horizon, in their order. Null where the service keeps none. */
export async function lookUpUnreadCounts(app: App, members: readonly Member[]): Promise<(number | null)[]> {
  const services = await servicesOf(app, members)
  const ids = members.flatMap(({ id }, at) => (services[at]?.readStatusEnabled ? id : []))
  const rows = ids.length > 0 ? await readUnreadCounts(app.db, ids) : []
  const counts = new Map(rows.map(({ id, unread }) => [id, unread]))
  return members.map(({ id }) => counts.get(id) ?? null)
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
