import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { readOrderedPage, type OrderedPageOf } from '../../model/list-order.ts'
import { foldName } from '../../model/name-token.ts'
import type { PageArgs } from '../../model/page.ts'
import { readPublicChannels, type PublicChannel, type PublicChannelField } from '../../store/channel-summary.ts'
import { requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { isInstant, parseText } from '../validation.ts'

const isValue: Readonly<Record<PublicChannelField, (value: string) => boolean>> = {
  name: () => true,
  members: (value) => /^\d{1,9}$/.test(value),
  activity: isInstant,
}

/**
 * One page of the public channels of a service, by what they were at the last refreshing.
 * Needs nothing. Throws BAD_USER_INPUT, NOT_FOUND.
 */
export async function listPublicChannels(
  app: App,
  actor: Actor,
  args: PageArgs & {
    readonly serviceId?: string | null | undefined
    readonly filter?: { readonly name?: string | null | undefined } | null | undefined
    readonly orderBy?: PublicChannelField | null | undefined
  },
): Promise<OrderedPageOf<PublicChannel>> {
  const service = await requireService(app, actor, args.serviceId)
  const name = args.filter?.name || undefined
  if (name !== undefined) parseText('name', name, limits.nameLength, undefined, 'filter.name')
  const field = args.orderBy ?? (name === undefined ? 'members' : 'name')
  // A walk along another order would pass all other names.
  if (name !== undefined && field !== 'name') throw badInput('a filter by name needs the order NAME', 'filter.name')
  const prefix = name === undefined ? undefined : foldName(name)
  return readOrderedPage(actor, args, {
    order: { field, isDescending: field !== 'name', prefix },
    sidPrefix: 'CH',
    valueOf: (found) =>
      ({ name: found.name, members: String(found.membersCount), activity: found.activeAt.toISOString() })[field],
    isValue: isValue[field],
    read: (page) => readPublicChannels(app.db, service.id, { field, prefix }, page),
  })
}
