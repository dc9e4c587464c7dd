'use client'
import type { ConnectionState, State } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

const connectionOf = ({ connection }: State): ConnectionState => connection

/** Whether the client is connected, and if not, why. */
export function useConnection(): ConnectionState {
  return useSelection(connectionOf)
}
