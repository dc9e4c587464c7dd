import type { App } from '../app.ts'
import { topics } from '../live/bus.ts'
import type { Role, Service } from '../model/service.ts'
import { countAuthorityChange } from '../store/account.ts'
import type { Tx } from '../store/db.ts'
import { withinMilliseconds } from './retry.ts'

/** What every process has to forget, and for a deleted service to end. */
type AuthorityChange =
  | { readonly type: 'role'; readonly id: string }
  | { readonly type: 'service' | 'serviceDeleted'; readonly id: string; readonly accountId: string }

/** How long a start waits for the bus, in milliseconds. */
const busMilliseconds = 1000

/**
 * Makes this process look again at what it remembers. A hint like all others: where it does not arrive, the sweep finds that the
 * account has changed.
 */
export async function listenToAuthority(app: App): Promise<void> {
  const listening = app.bus.subscribe(topics.authority, (change) => apply(app, change as AuthorityChange))
  const settled = listening.catch((error: unknown) => app.logger.warn({ err: error }, 'changes of roles are not heard'))
  await withinMilliseconds(settled, busMilliseconds)
}

/** A change of what an account's callers may do, or where: it is counted, so that the sweep finds it where no hint arrives. */
export function changeAuthority<Result>(
  app: App,
  accountId: string,
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

/** Here at once: who has changed something finds it changed. */
function publish(app: App, change: AuthorityChange): void {
  apply(app, change)
  app.bus.publish(topics.authority, change)
}

function apply({ caches, serviceWatch }: App, change: AuthorityChange): void {
  if (change.type === 'role') {
    const { id } = change
    caches.roles.delete(id)
    caches.users.forgetReads()
    caches.access.forgetReads()
    for (const [key, user] of caches.users.entries())
      if ('roleId' in user && user.roleId === id) caches.users.delete(key)
    for (const [key, { member }] of caches.access.entries()) if (member?.roleId === id) caches.access.delete(key)
    return
  }
  caches.access.forgetReads()
  for (const [key, { channel }] of caches.access.entries())
    if (channel.serviceId === change.id) caches.access.delete(key)
  caches.services.delete(change.id)
  caches.services.delete(change.accountId)
  if (change.type === 'serviceDeleted') serviceWatch.tellDeleted(change.id)
}
