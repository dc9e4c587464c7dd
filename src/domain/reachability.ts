import type { App } from '../app.ts'
import type { User } from '../model/user.ts'
import { findService } from './authority.ts'

/** Whether the user is connected; undefined where it cannot be known, or the service does not tell. */
export async function isReachableNow(app: App, { id, serviceId }: User): Promise<boolean | undefined> {
  const service = await findService(app, serviceId)
  return service?.reachabilityEnabled ? app.presence.isOnline(id) : undefined
}
