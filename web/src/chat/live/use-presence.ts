import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { usePageClient } from './page-client.ts'

export interface WhoIsThere {
  /** Whether a person is online; undefined where nobody says. */
  readonly isOnline: (identity: string) => boolean | undefined
  /** Whether a person was there and is not now: who never was is not waited for. */
  readonly isAway: (identity: string) => boolean
}

/** Follows who of these people is there. Of all views together at most 500 are followed. The same functions until somebody comes or goes. */
export function useWhoIsThere(identities: readonly string[]): WhoIsThere {
  const { people } = usePageClient()
  const key = identities.toSorted().join('\n')
  const follow = useCallback(
    (changed: () => void) => (key === '' ? () => {} : people.follow(key.split('\n'), changed)),
    [people, key],
  )
  // A text is the same until somebody comes or goes: when a person was last seen is shown nowhere.
  const said = useSyncExternalStore(follow, () =>
    key
      .split('\n')
      .map((identity) => {
        const presence = people.presence(identity)
        if (typeof presence?.isOnline !== 'boolean') return ''
        return presence.isOnline ? 'online' : presence.lastSeenAt === null ? 'never' : 'away'
      })
      .join('\n'),
  )
  return useMemo(() => {
    const states = said.split('\n')
    const stateOf = new Map(key.split('\n').map((identity, at) => [identity, states[at]]))
    return {
      isOnline: (identity) => {
        const state = stateOf.get(identity)
        return state ? state === 'online' : undefined
      },
      isAway: (identity) => stateOf.get(identity) === 'away',
    }
  }, [key, said])
}
