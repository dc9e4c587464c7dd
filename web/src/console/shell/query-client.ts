import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { RequestError } from '../kit/request.ts'
import { ended, sessionKey } from './session.ts'

/** After this time what is looked at again is read again, in milliseconds. */
const freshMs = 5000
/** What no view shows is kept for so long. */
const keptMs = 5 * 60_000
const retryMs = 1000

/** What was read, for all views. Where the session has ended they are left for signing in. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (error instanceof RequestError && error.code === 'UNAUTHENTICATED') client.setQueryData(sessionKey, ended)
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A server on this machine is there without a network.
        networkMode: 'always',
        staleTime: freshMs,
        gcTime: keptMs,
        retry: (failures, error) => failures < 1 && error instanceof RequestError && error.isOutage,
        retryDelay: retryMs,
      },
      mutations: { networkMode: 'always' },
    },
  })
  return client
}
