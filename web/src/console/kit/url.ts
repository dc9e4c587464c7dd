import { useMemo } from 'react'
import { useLocation } from 'wouter'
import { useSearch } from '../../lib/address.ts'

/** What stays in the address from view to view. */
const kept = ['service']

export type Params = Readonly<Record<string, string | null | undefined>>

export interface Url {
  readonly get: (name: string) => string | undefined
  /** Changes parameters; null takes one away. `replace` adds no step to the history. */
  readonly set: (changes: Params, options?: { readonly replace?: boolean }) => void
  /** The address of the present view with these changes. */
  readonly with: (changes: Params) => string
  /** The address of another view: of the present parameters only the chosen service stays. */
  readonly to: (path: string, params?: Params) => string
  /** The address that finds what a SID, an identity or a unique name is of. */
  readonly toThing: (name: string) => string
  readonly go: (href: string) => void
}

/** The address, which has all of a view’s state. */
export function useUrl(): Url {
  const [path, navigate] = useLocation()
  const search = useSearch()
  return useMemo(() => {
    const present = new URLSearchParams(search)
    const withChanges = (changes: Params): string => hrefOf(path, changed(present, changes))
    const to: Url['to'] = (other, params = {}) => {
      const next = new URLSearchParams([...present].filter(([name]) => kept.includes(name)))
      return hrefOf(other, changed(next, params))
    }
    return {
      get: (name) => present.get(name) ?? undefined,
      set: (changes, { replace = false } = {}) => navigate(withChanges(changes), { replace }),
      with: withChanges,
      to,
      toThing: (name) => to('/go', { name }),
      go: (href) => navigate(href),
    }
  }, [path, search, navigate])
}

/** The service that was chosen; undefined for the account’s default one, which is what the API takes then. */
export const useServiceId = (): string | undefined => useUrl().get('service')

function changed(params: URLSearchParams, changes: Params): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const [name, value] of Object.entries(changes)) {
    if (value == null || value === '') next.delete(name)
    else next.set(name, value)
  }
  return next
}

function hrefOf(path: string, params: URLSearchParams): string {
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}
