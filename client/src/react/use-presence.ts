'use client'
import { useCallback, useSyncExternalStore } from 'react'
import type { Client } from '../client.ts'
import type { People, Presence } from '../modules/people.ts'
import { useClient } from './provider.tsx'

const absent = (): undefined => undefined

/**
 * Whether somebody is online, by identity, and when it was last seen. Undefined before it was said, and of nobody (null). Needs the module
 * `people()`. Components that ask for many at a time share one subscription, of at most 500 people.
 */
export function usePresence(identity: string | null): Presence | undefined {
  const { people } = useClient() as Client & { readonly people?: People }
  const subscribe = useCallback(
    (listener: () => void) => {
      if (identity === null) return () => {}
      if (!people) throw new Error('usePresence needs the module of people: createClient({ modules: [people()] })')
      return people.follow([identity], listener)
    },
    [people, identity],
  )
  return useSyncExternalStore(subscribe, () => (identity === null ? undefined : people?.presence(identity)), absent)
}
