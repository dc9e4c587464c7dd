'use client'
import { createContext, useContext, type ReactNode } from 'react'
import type { Client } from '../client.ts'

const ClientContext = createContext<Client | null>(null)

/** Gives a client to the hooks below it. The application makes the client outside of React, once. */
export function ChatProvider({
  client,
  children,
}: {
  readonly client: Client
  readonly children?: ReactNode
}): ReactNode {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>
}

/** The client of the nearest `ChatProvider`; throws where there is none. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client)
    throw new Error('useClient is called outside of a ChatProvider: wrap the component in <ChatProvider client={…}>')
  return client
}
