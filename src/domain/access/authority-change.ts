import { topics } from '../../live/bus.ts'
import type { Channel } from '../../model/channel.ts'
import type { Member } from '../../model/member.ts'
import type { Role, Service } from '../../model/service.ts'
import { isText, listOf, readerOf, type Shapes } from '../../model/shape.ts'
import type { AccountId, ChannelId, ServiceId, UserId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { countAuthorityChange } from '../../store/account.ts'
import type { Tx } from '../../store/engine/db.ts'
import type { AccessApp, App } from '../app.ts'
import { withinMilliseconds } from '../retry.ts'
import { accessKey, identityKey } from './cache.ts'

/** What every process must forget. When a service or a key was deleted, what stays open with it must end. */
type AuthorityChange =
  | { readonly type: 'role'; readonly id: string }
  | { readonly type: 'service' | 'serviceDeleted'; readonly id: string; readonly accountId: AccountId }
  | { readonly type: 'user'; readonly serviceId: ServiceId; readonly identity: string }
  | { readonly type: 'members'; readonly userId: UserId; readonly channelIds: readonly ChannelId[] }
  | { readonly type: 'channelDeleted' | 'apiKey' | 'apiKeyDeleted'; readonly id: string }
  | { readonly type: 'signingKey'; readonly accountId: AccountId }

const ofService = { id: isText, accountId: isText }

export const authorityChanges: Shapes<AuthorityChange> = {
  role: { id: isText },
  service: ofService,
  serviceDeleted: ofService,
  user: { serviceId: isText, identity: isText },
  members: { userId: isText, channelIds: listOf(isText) },
  channelDeleted: { id: isText },
  apiKey: { id: isText },
  apiKeyDeleted: { id: isText },
  signingKey: { accountId: isText },
}

/** Undefined is to be ignored, as what only another version of the server knows: what is remembered ends by itself, or with the sweep. */
export const readAuthorityChange = readerOf(authorityChanges)

/** How long a start waits for the bus, in milliseconds. */
const busMilliseconds = 1000

/**
 * Drops cached permissions when another process changes them. Like every hint it may be lost: then the sweep finds that the account has
 * changed.
 */
export async function listenToAuthority(app: App): Promise<void> {
  const listening = app.bus.subscribe(topics.authority, (payload) => {
    const change = readAuthorityChange(payload)
    if (change) apply(app, change)
  })
  const settled = listening.catch((error: unknown) =>
    app.logger.warn({ err: error }, 'hints of changed roles do not arrive'),
  )
  await withinMilliseconds(settled, busMilliseconds)
}

/** Runs a change of keys, roles or services in a transaction, and counts it: where the hint is lost, the sweep sees the counter. */
export function changeAuthority<Result>(
  app: AccessApp,
  accountId: AccountId,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  return app.db.transaction(async (tx) => {
    const result = await work(tx)
    await countAuthorityChange(tx, accountId)
    return result
  })
}

export function publishRole(app: App, { id }: Role): void {
  publish(app, { type: 'role', id })
}

export function publishService(app: App, { id, accountId, deletedAt }: Service): void {
  publish(app, { type: deletedAt ? 'serviceDeleted' : 'service', id, accountId })
}

/** The role of a user has changed, or it was deleted. */
export function publishUserAuthority(app: App, { serviceId, identity }: Pick<User, 'serviceId' | 'identity'>): void {
  publish(app, { type: 'user', serviceId, identity })
}

/** Memberships of one user have ended, or have another role. */
export function publishMemberAuthority(app: App, userId: UserId, members: readonly Pick<Member, 'channelId'>[]): void {
  publish(app, { type: 'members', userId, channelIds: members.map(({ channelId }) => channelId) })
}

export function publishChannelDeleted(app: App, { id }: Pick<Channel, 'id'>): void {
  publish(app, { type: 'channelDeleted', id })
}

export function publishApiKey(app: AccessApp, { id }: { readonly id: string }): void {
  publish(app, { type: 'apiKey', id })
}

export function publishApiKeyDeleted(app: AccessApp, { id }: { readonly id: string }): void {
  publish(app, { type: 'apiKeyDeleted', id })
}

export function publishSigningKey(app: AccessApp, accountId: AccountId): void {
  publish(app, { type: 'signingKey', accountId })
}

/** Applies the change here at once, so that its caller sees it. */
function publish(app: AccessApp, change: AuthorityChange): void {
  apply(app, change)
  app.bus.publish(topics.authority, change)
}

function apply(app: AccessApp, change: AuthorityChange): void {
  const { caches, deletionWatch } = app
  switch (change.type) {
    case 'role':
      return forgetRole(app, change.id)
    case 'user':
      caches.users.delete(identityKey(change))
      return
    case 'members':
      for (const channelId of change.channelIds) caches.access.delete(accessKey(channelId, change.userId))
      return
    case 'channelDeleted':
      caches.deletedChannels.set(change.id, true)
      return
    case 'signingKey':
      caches.apiKeys.delete(change.accountId)
      return
    case 'apiKey':
      caches.apiKeys.delete(change.id)
      return
    case 'apiKeyDeleted':
      caches.apiKeys.delete(change.id)
      deletionWatch.notifyDeleted(change.id)
      return
    case 'service':
    case 'serviceDeleted':
      caches.access.forgetReads()
      for (const [key, { channel }] of caches.access.entries())
        if (channel.serviceId === change.id) caches.access.delete(key)
      caches.services.delete(change.id)
      caches.services.delete(change.accountId)
      if (change.type === 'serviceDeleted') deletionWatch.notifyDeleted(change.id)
      return
    default:
      change satisfies never
  }
}

function forgetRole({ caches }: AccessApp, id: string): void {
  caches.roles.delete(id)
  caches.users.forgetReads()
  caches.access.forgetReads()
  for (const [key, user] of caches.users.entries()) if ('roleId' in user && user.roleId === id) caches.users.delete(key)
  for (const [key, { member }] of caches.access.entries()) if (member?.roleId === id) caches.access.delete(key)
}
