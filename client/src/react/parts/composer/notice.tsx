'use client'
import type { ReactElement } from 'react'
import { renderPart, type Part } from '../part.ts'
import { useComposer } from './context.ts'

/**
 * Says that a message is edited, by how much it is too long (nothing is cut off what was pasted), or that it was not taken since too much waits. Read
 * aloud when it changes.
 */
export function Notice(given: Part<object>): ReactElement {
  const { excess, isEditing, isFull } = useComposer()
  const tooLong = `Too long by ${excess.toLocaleString()} bytes: at most 32 KiB are sent.`
  const full = isFull ? 'Too much waits to be sent already: this was not taken.' : ''
  const children = excess > 0 ? tooLong : isEditing ? 'Editing. Esc cancels.' : full
  return renderPart('div', { role: 'status', children }, {}, given)
}
