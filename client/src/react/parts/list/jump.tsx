'use client'
import type { ReactElement } from 'react'
import { renderPart, type Part } from '../part.ts'
import { useList } from './context.ts'

export interface JumpState {
  /** Messages of others that came since the end was left. */
  readonly missed: number
}

/** A button that goes to the newest message: `3 new`, or `newest`. Not there while one is at the end. */
export function Jump(given: Part<JumpState>): ReactElement | null {
  const { isAtEnd, missed, rows, scroller, toNewest } = useList()
  if (isAtEnd || rows.length === 0) return null
  const onClick = (): void => {
    toNewest()
    // It goes away itself, and the focus with it.
    scroller.current?.focus({ preventScroll: true })
  }
  const children = missed > 0 ? `${missed} new` : 'newest'
  return renderPart('button', { type: 'button', onClick, children }, { missed }, given)
}
