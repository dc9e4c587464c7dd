'use client'
import { emptyState, type State } from '../store/state.ts'
import { useClient } from './provider.tsx'
import { useStored } from './use-stored.ts'

/**
 * A part of the client’s state. Renders again only when it changes: a selector may make a new array or object of the same things each time.
 * Rendered on a server, and until the page has taken over, it selects from the empty state.
 */
export function useSelection<Selection>(select: (state: State) => Selection): Selection {
  return useStored(useClient(), select, emptyState)
}
