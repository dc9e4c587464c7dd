import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Document } from '../document.ts'
import { send, type RequestError } from './request.ts'

export interface DataOptions {
  /** How often it is read again while the page is visible, in milliseconds. Otherwise when it is looked at again. */
  readonly refetchMs?: number
  /** Shows what other variables had answered until these have. */
  readonly keep?: boolean
  /** Whether it is read at all. */
  readonly enabled?: boolean
}

export interface Data<Result> {
  /** What was read last, also after a later attempt has failed. */
  readonly data: Result | undefined
  /** Why the last attempt failed. */
  readonly error: RequestError | null
  /** When `data` was read, in milliseconds since 1970; 0 before. */
  readonly readAt: number
  /** Whether other data are on their way than those that are shown. */
  readonly isChanging: boolean
  readonly reload: () => void
}

/** Reads by a query. All readers of the same query and variables share one request. */
export function useData<Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
  { refetchMs, keep = false, enabled = true }: DataOptions = {},
): Data<Result> {
  const query = useQuery<Result, RequestError>({
    queryKey: [document, variables],
    queryFn: ({ signal }) => send(document, variables, signal),
    enabled,
    ...(refetchMs !== undefined && {
      // Where the session has ended, signing in reads again.
      refetchInterval: ({ state }) => state.error?.code !== 'UNAUTHENTICATED' && refetchMs,
    }),
    ...(keep && { placeholderData: keepPreviousData as never }),
  })
  return {
    data: query.data,
    error: query.error,
    readAt: query.dataUpdatedAt,
    isChanging: query.isPlaceholderData && query.fetchStatus === 'fetching',
    reload: () => void query.refetch(),
  }
}
