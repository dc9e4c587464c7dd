/** Deletions that are remembered: as many as may be under way while a page is read. */
const capacity = 1000

/** The set with one more; beyond 1,000 the ones that were added first go. The same set when it has it already. */
export function withOne<Value>(set: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  if (set.has(value)) return set
  const next = new Set(set).add(value)
  if (next.size > capacity) next.delete(next.values().next().value!)
  return next
}

/** The map with an entry set anew; beyond 1,000 the ones that were set first go. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  const next = new Map(map)
  next.delete(key)
  next.set(key, value)
  if (next.size > capacity) next.delete(next.keys().next().value!)
  return next
}
