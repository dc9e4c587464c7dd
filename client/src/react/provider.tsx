'use client'
import { createContext, useContext, type ReactNode } from 'react'
import type { Client } from '../client.ts'
import { absentClient } from './absent.ts'

const ClientContext = createContext<Client | null>(null)

/**
 * Gives a client to the hooks below it. The application makes the client outside of React, once: made in a component or an effect there
 * would be two in StrictMode. Null is for rendering on a server, where there is no user’s client: hooks then say that nothing is known yet.
 */
export function ChatProvider({
  client,
  children,
}: {
  readonly client: Client | null
  readonly children?: ReactNode
}): ReactNode {
  return <ClientContext.Provider value={client ?? absentClient}>{children}</ClientContext.Provider>
}

/** The client of the nearest `ChatProvider`; throws where there is none. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client)
    throw new Error('useClient is called outside of a ChatProvider: wrap the component in <ChatProvider client={…}>')
  return client
}
