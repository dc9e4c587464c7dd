import type { RequestError } from './request.ts'

/** How something is read again by itself. */
export interface Refetch<Result> {
  /** How often, in milliseconds, while the page is visible; left out where it is read again only when it is looked at again. */
  readonly refetchMs?: number
  /** Whether what was read changes no more by itself. */
  readonly isFinal?: (data: Result) => boolean
}

/** In how many milliseconds something is read again; false where it would be the same. */
export function refetchAfter<Result>(
  { data, error }: { readonly data: Result | undefined; readonly error: RequestError | null },
  { refetchMs, isFinal }: Refetch<Result>,
): number | false {
  // Where the session has ended, signing in reads again.
  if (error?.isLasting || error?.code === 'UNAUTHENTICATED') return false
  // An attempt that failed is repeated: until one succeeds, what is shown has its age beside it.
  if (!error && data !== undefined && isFinal?.(data)) return false
  return refetchMs ?? false
}
