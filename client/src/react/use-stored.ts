'use client'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'

const has = Object.prototype.hasOwnProperty

/** Whether two arrays or plain objects hold the same things. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const proto = Object.getPrototypeOf(one) as unknown
  if (proto !== Object.getPrototypeOf(other) || (proto !== Object.prototype && proto !== Array.prototype)) return false
  const keys = Object.keys(one) as (keyof typeof one)[]
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => has.call(other, key) && Object.is(one[key], other[key]))
  )
}

export interface Source<Snapshot> {
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => Snapshot
}

interface Made<Selection> {
  readonly selection: Selection
}

/** Selects once from each snapshot, and keeps what was selected before, here or by an earlier `select`, while it is the same. */
function reader<Snapshot, Selection>(
  select: (snapshot: Snapshot) => Selection,
  kept: { readonly current: Made<Selection> | null },
): (snapshot: Snapshot) => Selection {
  let last: (Made<Selection> & { readonly snapshot: Snapshot }) | undefined
  return (snapshot) => {
    if (last?.snapshot === snapshot) return last.selection
    const before = last ?? kept.current
    const made = select(snapshot)
    const selection = before && isSame(before.selection, made) ? before.selection : made
    last = { snapshot, selection }
    return selection
  }
}

/**
 * What `select` makes of a store’s snapshot. A selector may make a new array or object each time: while it holds the same things the one
 * before is returned, so that nothing is rendered again, nor for ever. Rendered on a server, and until the page has taken over, it is
 * made of `absent`.
 */
export function useStored<Snapshot, Selection>(
  { subscribe, getSnapshot }: Source<Snapshot>,
  select: (snapshot: Snapshot) => Selection,
  absent: Snapshot,
): Selection {
  const kept = useRef<Made<Selection> | null>(null)
  const read = useMemo(() => reader(select, kept), [select])
  const selection = useSyncExternalStore(
    subscribe,
    () => read(getSnapshot()),
    () => read(absent),
  )
  useEffect(() => {
    kept.current = { selection }
  }, [selection])
  return selection
}
