import type { Actor } from '../../model/actor.ts'
import { foldShownName, type Channel, type ChannelType } from '../../model/channel.ts'
import { ChatError, badInput, forbidden } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { pageOfIds, readOrderedPage, readPageBySid, type OrderedPageOf } from '../../model/list-order.ts'
import type { Page, PageArgs } from '../../model/page.ts'
import { newSid, type ChannelId } from '../../model/sid.ts'
import { insertChannel, readChannelPage, readChannelsInOrder, updateChannelRow } from '../../store/channel.ts'
import type { Precondition } from '../../store/engine/db.ts'
import { uniqueViolation } from '../../store/engine/fault.ts'
import { removeInvitesTo } from '../../store/invite.ts'
import {
  assertMayCreateChannel,
  assertMayDestroy,
  assertMayEditChannelAttributes,
  assertMayRename,
} from '../access/action-rules.ts'
import { publishChannelDeleted } from '../access/authority-change.ts'
import { lockAccess, actorName, requireMembership, requireService, type Access } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelEvent, publishInvite, publishUserEvent } from '../realtime/publication.ts'
import { isInstant, parseAttributes, parseFriendlyName, parseText, parseUniqueName } from '../validation.ts'
import { checkReplacement, type Replacement } from '../webhooks/webhook-answer.ts'
import { channelParameters, memberParameters, newChannelParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks, originOf, openWebhooks } from '../webhooks/webhook.ts'
import { joinAs } from './member.ts'

const attributesCodes = { invalidCode: 50304, tooLongCode: 50303 }

export type ChannelOrderField = 'createdAt' | 'updatedAt' | 'uniqueName' | 'name'

export interface CreateChannelInput {
  readonly serviceId?: string | null | undefined
  readonly uniqueName?: string | null | undefined
  readonly friendlyName?: string | null | undefined
  readonly type?: ChannelType | null | undefined
  readonly attributes?: unknown
}

/**
 * Makes a channel. A user becomes its first member, with the role of a channel's creator: otherwise a private channel would not
 * exist for its creator. Channels of the backend begin empty.
 * Needs `createChannel`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function createChannel(app: App, actor: Actor, input: CreateChannelInput): Promise<Channel> {
  const service = await requireService(app, actor, input.serviceId)
  assertMayCreateChannel(actor)
  const draft = {
    id: newSid('CH'),
    serviceId: service.id,
    uniqueName: parseUniqueName(input.uniqueName),
    friendlyName: parseFriendlyName(input.friendlyName),
    type: input.type ?? 'public',
    attributes: parseAttributes(input.attributes, limits.channelAttributesBytes, attributesCodes),
    createdBy: actorName(actor),
  }
  const webhooks = new Webhooks(app, service, originOf(actor))
  Object.assign(draft, parseReplaced(await webhooks.runPreEvent('onChannelAdd', () => newChannelParameters(draft))))
  const made = await withFreeName(() =>
    webhooks.transaction(async (tx, enqueue) => {
      const channel = await insertChannel(tx, draft)
      enqueue('onChannelAdded', channel.id, () => channelParameters(channel))
      if (actor.kind !== 'user') return { channel, joined: undefined }
      const joined = await joinAs(tx, service, channel, {
        userId: actor.userId,
        identity: actor.identity,
        roleId: service.defaultChannelCreatorRoleId,
        addedBy: 'self',
      })
      enqueue('onMemberAdded', channel.id, () => ({ ...memberParameters(joined), Reason: 'JOINED' }))
      return { channel: { ...channel, membersCount: 1, lastSeq: joined.seq }, joined }
    }),
  )
  if (made.joined) {
    const { userId, userSeq, channelId, id } = made.joined
    publishUserEvent(app, userId, { type: 'joined', seq: userSeq, channelId, memberId: id })
  }
  return made.channel
}

/** Checks what the answer of a pre-event replaces, as if the caller had sent it. */
export function parseReplaced({ friendlyName, attributes }: Replacement) {
  return checkReplacement(() => ({
    ...(friendlyName !== undefined && { friendlyName: parseFriendlyName(friendlyName) }),
    ...(attributes !== undefined && {
      attributes: parseAttributes(attributes, limits.channelAttributesBytes, attributesCodes),
    }),
  }))
}

async function withFreeName<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (uniqueViolation(error) !== 'channels_unique_name') throw error
    throw new ChatError('CONFLICT', 'the unique name is already taken', 50307, { field: 'uniqueName' })
  }
}

export interface UpdateChannelInput {
  readonly id: string
  readonly uniqueName?: string | null | undefined
  readonly friendlyName?: string | null | undefined
  readonly attributes?: unknown
}

/**
 * Changes the names or the attributes of a channel.
 * Needs membership, `editChannelName` for names, `editChannelAttributes` for attributes. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN,
 * NOT_FOUND.
 */
export async function updateChannel(app: App, actor: Actor, input: UpdateChannelInput): Promise<Channel> {
  const access = await requireMembership(app, actor, input.id)
  const change: { uniqueName?: string | null; friendlyName?: string | null; attributes?: string } = {}
  if (input.uniqueName !== undefined) change.uniqueName = parseUniqueName(input.uniqueName)
  if (input.friendlyName !== undefined) change.friendlyName = parseFriendlyName(input.friendlyName)
  if (change.uniqueName != null && access.channel.directKey !== null) {
    throw forbidden('a direct channel has no unique name')
  }
  if ('uniqueName' in change || 'friendlyName' in change) assertMayRename(access)
  if (input.attributes !== undefined) {
    assertMayEditChannelAttributes(access)
    change.attributes = parseAttributes(input.attributes, limits.channelAttributesBytes, attributesCodes)
  }
  if (Object.keys(change).length === 0) throw badInput('nothing to change', undefined, 50347)
  const webhooks = await openWebhooks(app, actor, access)
  const replaced = await webhooks.runPreEvent('onChannelUpdate', () =>
    channelParameters({ ...access.channel, ...change }),
  )
  return changeChannel(app, actor, access, { ...change, ...parseReplaced(replaced) }, webhooks)
}

/**
 * Deletes a channel and its invites. Open subscriptions to it end, and its SID is never used again. `precondition` is called under the lock of the channel.
 * Needs membership and `destroyChannel`. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, and what `precondition` throws.
 */
export async function deleteChannel(app: App, actor: Actor, id: string, precondition?: Precondition): Promise<Channel> {
  const access = await requireMembership(app, actor, id)
  assertMayDestroy(access)
  const webhooks = await openWebhooks(app, actor, access)
  await webhooks.runPreEvent('onChannelDestroy', () => channelParameters(access.channel))
  return changeChannel(app, actor, access, { deletedAt: new Date() }, webhooks, precondition)
}

async function changeChannel(
  app: App,
  actor: Actor,
  access: Access,
  change: { uniqueName?: string | null; friendlyName?: string | null; attributes?: string; deletedAt?: Date },
  webhooks: Webhooks,
  precondition?: Precondition,
): Promise<Channel> {
  const { channel, withdrawn } = await withFreeName(() =>
    webhooks.transaction(async (tx, enqueue) => {
      const locked = await lockAccess(tx, actor, access)
      await precondition?.(tx)
      const channel = await updateChannelRow(tx, locked, change)
      const { updatedAt, deletedAt } = channel
      if (deletedAt)
        enqueue('onChannelDestroyed', channel.id, () => ({ ...channelParameters(channel), DateDestroyed: deletedAt }))
      else enqueue('onChannelUpdated', channel.id, () => ({ ...channelParameters(channel), DateUpdated: updatedAt }))
      return {
        channel,
        withdrawn: change.deletedAt ? await removeInvitesTo(tx, locked.id) : [],
      }
    }),
  )
  if (change.deletedAt) publishChannelDeleted(app, channel)
  publishChannelEvent(app, channel.id, {
    type: change.deletedAt ? 'channelRemoved' : 'channelUpdated',
    seq: channel.seq,
    channel,
  })
  for (const invite of withdrawn) publishInvite(app, 'inviteRemoved', invite)
  return channel
}

interface ChannelListFilter {
  readonly uniqueNamePrefix?: string | null | undefined
  readonly name?: string | null | undefined
  readonly onlyFrozen?: boolean | null | undefined
}

type ChannelListArgs = PageArgs & {
  readonly serviceId?: string | null | undefined
  readonly types?: readonly ChannelType[] | null | undefined
  readonly filter?: ChannelListFilter | null | undefined
  readonly orderBy?: { readonly field: ChannelOrderField; readonly direction: 'asc' | 'desc' } | null | undefined
}

/** The beginning of a name that is looked for, and the order that goes with it: a walk along another one would pass all other names. */
function parsePrefix({ filter, orderBy }: ChannelListArgs): {
  readonly field: ChannelOrderField
  readonly prefix: string | undefined
} {
  const [unique, name] = [filter?.uniqueNamePrefix || undefined, filter?.name || undefined]
  if (unique !== undefined)
    parseText('uniqueNamePrefix', unique, limits.nameLength, undefined, 'filter.uniqueNamePrefix')
  if (name !== undefined) parseText('name', name, limits.nameLength, undefined, 'filter.name')
  if (unique !== undefined && name !== undefined) {
    throw badInput('uniqueNamePrefix and name cannot be used together', 'filter.name')
  }
  const needed = unique !== undefined ? 'uniqueName' : name === undefined ? undefined : 'name'
  const field = orderBy?.field ?? needed ?? 'createdAt'
  if (needed && field !== needed) {
    throw unique === undefined
      ? badInput('name needs the order NAME', 'filter.name')
      : badInput('uniqueNamePrefix needs the order UNIQUE_NAME', 'filter.uniqueNamePrefix')
  }
  return { field, prefix: unique ?? (name && foldShownName(name)) }
}

/**
 * One page of the channels that exist for the caller, oldest first.
 * Needs nothing; the backend for another order or a filter. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listChannels(app: App, actor: Actor, args: ChannelListArgs): Promise<OrderedPageOf<Channel>> {
  const service = await requireService(app, actor, args.serviceId)
  const { field, prefix } = parsePrefix(args)
  const isDescending = args.orderBy?.direction === 'desc'
  const onlyFrozen = args.filter?.onlyFrozen === true
  const isBackend = actor.kind === 'backend'
  if (onlyFrozen) {
    if (!isBackend) throw forbidden('only the backend lists frozen channels')
    if (args.types || field !== 'createdAt') {
      throw badInput('onlyFrozen needs the order CREATED_AT, and cannot be combined with types', 'filter.onlyFrozen')
    }
  }
  const userId = actor.kind === 'user' ? actor.userId : undefined
  const list = { serviceId: service.id, userId, types: args.types ?? undefined, onlyFrozen }
  if (field === 'createdAt') {
    const read = (page: Page<ChannelId>) => readChannelPage(app.db, list, page)
    if (!isDescending) return readPageBySid(actor, args, 'CH', read)
    return readOrderedPage(actor, args, {
      order: { field, isDescending, prefix, ...(onlyFrozen && { filter: 'frozen' }) },
      sidPrefix: 'CH',
      valueOf: () => '',
      read: (page) => read(pageOfIds(page)),
    })
  }
  // A walk along these indexes would pass what does not exist for a user, and the other type.
  if (!isBackend) throw forbidden('only the backend lists channels by name or by update')
  if (args.types) throw badInput('types needs the order CREATED_AT', 'types')
  const values = new Map<ChannelId, string>()
  return readOrderedPage(actor, args, {
    order: { field, isDescending, prefix },
    sidPrefix: 'CH',
    valueOf: ({ id }) => values.get(id)!,
    isValue: (value) => field !== 'updatedAt' || isInstant(value),
    read: async (page) => {
      const found = await readChannelsInOrder(app.db, service.id, { field, prefix }, page)
      for (const { channel, value } of found) values.set(channel.id, value)
      return found.map(({ channel }) => channel)
    },
  })
}
