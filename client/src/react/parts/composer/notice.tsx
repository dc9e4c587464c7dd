'use client'
import type { ReactElement } from 'react'
import { renderPart, type Part } from '../part.ts'
import { useComposer } from './context.ts'

/** Says that a message is edited, or by how much it is too long: nothing is cut off what was pasted. Read aloud when it changes. */
export function Notice(given: Part<object>): ReactElement {
  const { excess, isEditing } = useComposer()
  const tooLong = `Too long by ${excess.toLocaleString()} bytes: at most 32 KiB are sent.`
  const children = excess > 0 ? tooLong : isEditing ? 'Editing. Esc cancels.' : ''
  return renderPart('div', { role: 'status', children }, {}, given)
}
