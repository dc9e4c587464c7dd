import type { ApolloCache, FieldPolicy } from '@apollo/client'
import type { ResultObject } from '../glue/results.ts'

interface Group {
  readonly reaction: string
  readonly viewerHasReacted?: boolean
}

/** Parts without ids: the newer take the place of the older. Events are for all, so what the user itself has is kept from before. */
export const reactionsPolicy: FieldPolicy<readonly Group[]> = {
  merge: (existing = [], incoming) =>
    incoming.map((group) => {
      const own = existing.find(({ reaction }) => reaction === group.reaction)?.viewerHasReacted
      return own === undefined ? group : { viewerHasReacted: own, ...group }
    }),
}

const changeGroups = (cache: ApolloCache, id: string, change: (group: Group) => Group): void => {
  cache.modify<{ reactions: readonly Group[] }>({
    id,
    fields: { reactions: (groups) => (groups as readonly Group[]).map(change) as never },
  })
}

/** The user has what it has added, and no more what it has removed; of others' reactions that were not known it has none. */
export function applyReactions(
  cache: ApolloCache,
  id: string,
  event: ResultObject,
  identity: string | undefined,
): void {
  const isIn = (name: string, { reaction }: Group): boolean =>
    ((event[name] ?? []) as readonly { readonly reaction: string; readonly identity: string }[]).some(
      (one) => one.reaction === reaction && one.identity === identity,
    )
  changeGroups(cache, id, (group) => {
    const had = group.viewerHasReacted === true && !isIn('removed', group)
    return { ...group, viewerHasReacted: had || isIn('added', group) }
  })
}

/** What the user has may have changed since: it is read again where it is shown. */
export function forgetOwnReactions(cache: ApolloCache, id: string): void {
  changeGroups(cache, id, (group) => {
    const { viewerHasReacted: _own, ...rest } = group
    return rest
  })
}
