import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Document } from '../document.ts'
import { refetchAfter, type Refetch } from './refetch.ts'
import { send, type RequestError } from './request.ts'

export interface DataOptions<Result> extends Refetch<Result> {
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
  { keep = false, enabled = true, ...refetch }: DataOptions<Result> = {},
): Data<Result> {
  const query = useQuery<Result, RequestError>({
    queryKey: [document, variables],
    queryFn: ({ signal }) => send(document, variables, signal),
    enabled,
    refetchInterval: ({ state }) => refetchAfter(state, refetch),
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
