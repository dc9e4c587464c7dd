import type { ExpiringSet } from './expiring-set.ts'

/** For one process. Expired entries are dropped when their set is next looked at. */
export function createMemoryExpiringSet(): ExpiringSet {
  const sets = new Map<string, Map<string, number>>()
  function current(set: string): Map<string, number> | undefined {
    const entries = sets.get(set)
    if (!entries) return undefined
    const now = Date.now()
    for (const [entry, expiresAt] of entries) if (expiresAt <= now) entries.delete(entry)
    if (entries.size > 0) return entries
    sets.delete(set)
    return undefined
  }
  return {
    add: async (set, entry, milliseconds) => {
      const entries = current(set) ?? new Map<string, number>()
      entries.set(entry, Date.now() + milliseconds)
      sets.set(set, entries)
    },
    remove: async (set, entry) => {
      sets.get(set)?.delete(entry)
      current(set)
    },
    isInhabited: async (set) => current(set) !== undefined,
  }
}
