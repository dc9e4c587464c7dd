import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { SessionDocument } from '../generated/shell.ts'
import type { SessionQuery } from '../generated/types.ts'
import { actAs, RequestError, send, signOut } from '../kit/request.ts'

export const sessionKey = ['session']

export type Session = NonNullable<SessionQuery['viewer']> & {
  /** Not by signing out: what was written waits until the same person is back. */
  readonly hasEnded?: boolean
}

/** Null where nobody is signed in. */
async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    const { viewer: session } = await send(SessionDocument, {}, signal)
    actAs(session?.consoleSession?.credential)
    return session
  } catch (error) {
    if (error instanceof RequestError && error.code === 'UNAUTHENTICATED') return null
    throw error
  }
}

/** Who is signed in: null for nobody, undefined while it is not known. */
export function useSession() {
  const client = useQueryClient()
  const { data, error, refetch } = useQuery<Session | null, RequestError>({
    queryKey: sessionKey,
    queryFn: async ({ signal }) => (await readSession(signal)) ?? ended(client.getQueryData(sessionKey)),
    // The same person may have signed in again in another page of the browser.
    refetchOnWindowFocus: ({ state }) => (state.data === null || state.data?.hasEnded === true ? 'always' : false),
  })
  return { session: data, error, ask: () => void refetch() }
}

/** Who was signed in until the session has ended. */
export const ended = (before: Session | null | undefined): Session | null =>
  before ? { ...before, hasEnded: true } : null

const isSame = (one: Session | null | undefined, other: Session): boolean =>
  one?.consoleSession != null && one.consoleSession.credential === other.consoleSession?.credential

/** Shows the console to who has just signed in. What was shown to somebody else is forgotten; the same person goes on where the session has ended. */
export function useEnter(): () => Promise<void> {
  const client = useQueryClient()
  return useCallback(async () => {
    actAs(undefined)
    const { viewer: session } = await send(SessionDocument, {})
    actAs(session?.consoleSession?.credential)
    const before = client.getQueryData<Session | null>(sessionKey)
    if (session && isSame(before, session)) void client.invalidateQueries({ predicate: isView })
    else client.removeQueries({ predicate: isView })
    client.setQueryData(sessionKey, session)
  }, [client])
}

const isView = ({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean => queryKey[0] !== sessionKey[0]

/** Signs out, and rejects with RequestError where the server could not be told. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient()
  return useCallback(async () => {
    await signOut()
    actAs(undefined)
    client.setQueryData(sessionKey, null)
    client.removeQueries({ predicate: isView })
  }, [client])
}
