'use client'
import { createContext, useContext, type RefObject } from 'react'

export interface ComposerContext {
  readonly text: string
  readonly setText: (text: string) => void
  readonly isEditing: boolean
  /** Bytes beyond what the server takes; 0 while there are none. */
  readonly excess: number
  /** What was sent last was not taken: too much waits in the outbox. */
  readonly isFull: boolean
  readonly canSend: boolean
  readonly submit: () => void
  /** Ends editing, and shows what was being written before. */
  readonly cancel: () => void
  /** Edits the user’s newest message that is known. */
  readonly editLast: () => void
  readonly field: RefObject<HTMLTextAreaElement | null>
}

export const Context = createContext<ComposerContext | null>(null)

export function useComposer(): ComposerContext {
  const composer = useContext(Context)
  if (!composer) throw new Error('a part of a composer stands outside of one: put it into <Composer.Root>')
  return composer
}
