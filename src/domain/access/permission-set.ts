import { LRUCache } from 'lru-cache'
import type { Permission } from '../../model/permission.ts'

/** Roles choose among a few permissions; many more different choices than this are not worth remembering. */
const sets = new LRUCache<string, ReadonlySet<Permission>, readonly Permission[]>({
  max: 1000,
  memoMethod: (_key, _stale, { context }) => new Set(context),
})

/** What a role permits. One object for equal roles: all who have one, thousands at times, hold on to it. */
export function permissionSet(permissions: readonly Permission[]): ReadonlySet<Permission> {
  return sets.memo(permissions.join(), { context: permissions })
}
