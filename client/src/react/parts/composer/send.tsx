'use client'
import type { ReactElement } from 'react'
import { renderPart, type Part } from '../part.ts'
import { useComposer } from './context.ts'

/** The button that sends, or saves what is edited. */
export function Send(given: Part<object>): ReactElement {
  const { canSend, isEditing } = useComposer()
  return renderPart('button', { type: 'submit', disabled: !canSend, children: isEditing ? 'Save' : 'Send' }, {}, given)
}
