import type { People } from '@fonechat/client/people'
import { useCallback, useSyncExternalStore } from 'react'

export interface WhoIsThere {
  /** Whether a person is online; undefined where nobody says. */
  readonly isOnline: (identity: string) => boolean | undefined
  /** Whether a person was there and is not now: who never was is not waited for. */
  readonly isAway: (identity: string) => boolean
}

/** Follows who of these people is there. Of all views together at most 500 are followed. */
export function usePresence(people: People, identities: readonly string[]): WhoIsThere {
  const key = identities.toSorted().join('\n')
  const follow = useCallback(
    (changed: () => void) => (key === '' ? () => {} : people.follow(key.split('\n'), changed)),
    [people, key],
  )
  const isOnline: WhoIsThere['isOnline'] = (identity) => people.presence(identity)?.isOnline ?? undefined
  const isAway: WhoIsThere['isAway'] = (identity) => {
    const presence = people.presence(identity)
    return presence?.isOnline === false && presence.lastSeenAt !== null
  }
  // A text is the same until somebody comes or goes: when a person was last seen is shown nowhere.
  const now = (): string =>
    key
      .split('\n')
      .map((one) => `${isOnline(one)} ${isAway(one)}`)
      .join()
  useSyncExternalStore(follow, now)
  return { isOnline, isAway }
}
