'use client'
import { createContext, useContext, type RefObject } from 'react'
import type { Messages } from '../../use-messages.ts'
import type { Scrolling } from './scrolling.ts'

export interface ListContext extends Messages {
  /** Index of the message that the list is sent to. */
  readonly at: number | undefined
  readonly scroller: RefObject<HTMLElement | null>
  /** Of the scroller that is shown. */
  readonly scrolling: RefObject<Scrolling | null>
  /** Whether the newest message is shown and the list follows it. */
  readonly isAtEnd: boolean
  /** Messages of others that came since the end was left. */
  readonly missed: number
  /** Key of the first message that was unread when the list was opened; null where all was read, or it is not loaded. */
  readonly firstUnread: string | null
  /** Index of the message that was jumped to, for as long as it is to be lit. */
  readonly highlighted: number | null
  /** Goes to the newest message and follows it. */
  readonly toNewest: () => void
  readonly setAtEnd: (isAtEnd: boolean) => void
}

export const Context = createContext<ListContext | null>(null)

export function useList(): ListContext {
  const list = useContext(Context)
  if (!list) throw new Error('a part of a message list stands outside of one: put it into <MessageList.Root>')
  return list
}
