import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { SessionDocument } from '../generated/shell.ts'
import type { SessionQuery } from '../generated/types.ts'
import { RequestError, send, signOut } from '../kit/request.ts'
import { sessionKey } from './query-client.ts'

export type Session = NonNullable<SessionQuery['viewer']>

/** Null where nobody is signed in. */
async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    return (await send(SessionDocument, {}, signal)).viewer
  } catch (error) {
    if (error instanceof RequestError && error.code === 'UNAUTHENTICATED') return null
    throw error
  }
}

/** Who is signed in: null for nobody, undefined while it is not known. */
export function useSession() {
  const { data, error, refetch } = useQuery<Session | null, RequestError>({
    queryKey: sessionKey,
    queryFn: ({ signal }) => readSession(signal),
    refetchOnWindowFocus: false,
  })
  return { session: data, error, ask: () => void refetch() }
}

/** Forgets what was shown, since the next person may not see it, and asks who is signed in now. */
export function useForget(): () => Promise<void> {
  const client = useQueryClient()
  return useCallback(async () => {
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
    await client.invalidateQueries({ queryKey: sessionKey })
  }, [client])
}

/** Signs out, and rejects with RequestError where the server could not be told. */
export function useSignOut(): () => Promise<void> {
  const forget = useForget()
  return useCallback(async () => {
    await signOut()
    await forget()
  }, [forget])
}
