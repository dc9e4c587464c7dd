import { LRUCache } from 'lru-cache'
import type { Permission } from '../../model/permission.ts'

/** Roles choose among a few permissions; many more different choices than this are not worth remembering. */
const sets = new LRUCache<string, ReadonlySet<Permission>>({ max: 1000 })

/** What a role permits. One object for equal roles: all who have one, thousands at times, hold on to it. */
export function permissionSet(permissions: readonly Permission[]): ReadonlySet<Permission> {
  const key = permissions.join()
  let set = sets.get(key)
  if (!set) {
    set = new Set(permissions)
    sets.set(key, set)
  }
  return set
}
