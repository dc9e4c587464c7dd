'use client'
import type { ChangeEvent, KeyboardEvent, ReactElement } from 'react'
import { renderPart, type Part } from '../part.ts'
import { useComposer } from './context.ts'

/** Whether a key belongs to an input method. Safari ends the composition before Enter comes, and tells by the code 229 alone. */
const isComposing = ({ nativeEvent }: KeyboardEvent): boolean => nativeEvent.isComposing || nativeEvent.keyCode === 229

/** Without a keyboard Enter is the only way to a new line, and the button sends. */
const isTouched = (): boolean => matchMedia('(pointer: coarse)').matches

/** The text. Enter sends, Shift Enter breaks the line, ↑ in an empty one edits one’s newest message, Esc ends editing. */
export function Field(given: Part<object>): ReactElement {
  const { text, setText, isEditing, excess, submit, cancel, editLast, field } = useComposer()
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (isComposing(event)) return
    const { key, shiftKey } = event
    if (key === 'Enter' && !shiftKey && !isTouched()) submit()
    else if (key === 'Escape' && isEditing) cancel()
    else if (key === 'ArrowUp' && text === '' && !isEditing) editLast()
    else return
    event.preventDefault()
  }
  const own = {
    ref: field,
    'aria-label': isEditing ? 'Edit the message' : 'Message',
    'aria-invalid': excess > 0 || undefined,
    dir: 'auto',
    rows: 1,
    enterKeyHint: 'send',
    value: text,
    onChange: (event: ChangeEvent<HTMLTextAreaElement>) => setText(event.target.value),
    onKeyDown,
  }
  return renderPart('textarea', own, {}, given)
}
