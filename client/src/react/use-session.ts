'use client'
import type { Session, State } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

const sessionOf = ({ session }: State): Session | null => session

/** Who is signed in; null until the server or the copy on the device has said it. */
export function useSession(): Session | null {
  return useSelection(sessionOf)
}
