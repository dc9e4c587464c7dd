'use client'
import { useSyncExternalStore } from 'react'
import { emptyState, type State } from '../store/state.ts'
import { useClient } from './provider.tsx'

/**
 * A part of the client’s state. The selector must return the same object while nothing it looks at has changed: a part of the state, or
 * something kept. Rendered on a server, and until the page has taken over, it selects from the empty state.
 */
export function useSelection<Selection>(select: (state: State) => Selection): Selection {
  const { subscribe, getSnapshot } = useClient()
  return useSyncExternalStore(
    subscribe,
    () => select(getSnapshot()),
    () => select(emptyState),
  )
}
