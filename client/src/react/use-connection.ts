'use client'
import type { ConnectionState, Session } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

/** Whether the client is connected, and if not, why. */
export function useConnection(): ConnectionState {
  return useSelection(({ connection }) => connection)
}

/** Who is signed in; null until the server or the copy on the device has said it. */
export function useSession(): Session | null {
  return useSelection(({ session }) => session)
}
