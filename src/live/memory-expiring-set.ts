import type { ExpiringSet } from './expiring-set.ts'

interface Entry {
  readonly name: string
  readonly expiresAt: number
}

/** For one process. Expired entries are dropped when their set is next looked at. */
export function createMemoryExpiringSet(): ExpiringSet {
  // Lists: each set here has the one entry of this process.
  const sets = new Map<string, readonly Entry[]>()
  function keep(set: string, entries: readonly Entry[]): void {
    if (entries.length > 0) sets.set(set, entries)
    else sets.delete(set)
  }
  const current = (set: string, except?: string): Entry[] =>
    (sets.get(set) ?? []).filter(({ name, expiresAt }) => name !== except && expiresAt > Date.now())
  return {
    add: async (set, entry, milliseconds) => {
      keep(set, [...current(set, entry), { name: entry, expiresAt: Date.now() + milliseconds }])
    },
    remove: async (set, entry) => keep(set, current(set, entry)),
    isInhabited: async (set) => {
      const entries = current(set)
      keep(set, entries)
      return entries.length > 0
    },
  }
}
