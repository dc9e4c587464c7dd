import { useState } from 'react'
import { peopleTexts as texts } from '../texts/en/people.ts'
import { parseJson, TextArea } from './text-area.tsx'

interface EditedAttributes {
  readonly isJson: boolean
  readonly isChanged: boolean
  /** For the input of the change: nothing where they were not changed. */
  readonly input: { readonly attributes?: unknown }
  readonly text: string
  readonly setText: (text: string) => void
}

/** The attributes of a thing while they are written in a form. */
export function useAttributes(stored: unknown): EditedAttributes {
  const before = JSON.stringify(stored, null, 2)
  const [text, setText] = useState(before)
  const parsed = parseJson(text)
  const isChanged = text !== before
  return {
    isJson: parsed !== undefined,
    isChanged,
    input: isChanged ? { attributes: parsed?.value } : {},
    text,
    setText,
  }
}

/** Where they are written, with what is wrong with them. */
export function AttributesField({
  attributes: { isJson, text, setText },
  problem,
}: {
  readonly attributes: EditedAttributes
  readonly problem: string | undefined
}) {
  return (
    <TextArea
      label={texts.attributes}
      data-code
      spellCheck={false}
      value={text}
      problem={isJson ? problem : texts.notJson}
      onChange={({ target }) => setText(target.value)}
    />
  )
}
