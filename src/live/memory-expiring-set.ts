import type { ExpiringSet } from './expiring-set.ts'

interface Entry {
  readonly name: string
  readonly expiresAt: number
}

/** In one process. Expired entries are dropped when their set is next looked at, and one at each renewal of another. */
export function createMemoryExpiringSet(): ExpiringSet {
  // Lists: each set has one entry for each process.
  const sets = new Map<string, readonly Entry[]>()
  function keep(set: string, entries: readonly Entry[]): void {
    sets.delete(set)
    if (entries.length > 0) sets.set(set, entries)
  }
  const current = (set: string, except?: string): Entry[] =>
    (sets.get(set) ?? []).filter(({ name, expiresAt }) => name !== except && expiresAt > Date.now())
  return {
    add: async (set, entry, milliseconds) => {
      // One other each time, in turn: what processes that died have left goes in time.
      const [next] = sets.keys()
      if (next !== undefined) keep(next, current(next))
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
