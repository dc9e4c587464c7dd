import { isUnbroken } from '../../lib/unbroken.ts'
import { peopleTexts as texts } from '../texts/en/people.ts'
import './plain-text.css'

/** What a person has written, as it is: its lines, its direction, and no markup. */
export function PlainText({ text }: { readonly text: string }) {
  return (
    <p className="plain-text" dir="auto" data-unbroken={isUnbroken(text) || undefined}>
      {text}
    </p>
  )
}

/** Data of the application. */
export function JsonView({ value }: { readonly value: unknown }) {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
  if (isEmpty) return <span className="none">{texts.noAttributes}</span>
  return (
    <pre className="json" tabIndex={0} role="region" aria-label={texts.attributes}>
      {JSON.stringify(value, null, 2)}
    </pre>
  )
}

/** So much of a text as a row of a list can show. */
export const firstLine = (text: string): string => text.trimStart().slice(0, 200).split('\n', 1)[0]!
