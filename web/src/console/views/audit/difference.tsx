import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { auditTexts as texts } from '../../texts/en/audit.ts'
import { differenceOf } from './difference.ts'
import './difference.css'

/** A thing before and after a change: the fields that have another value, or all of them. */
export function Difference({
  before,
  after,
  isKnown,
}: {
  readonly before: unknown
  readonly after: unknown
  /** Whether the change was made, so that what there is only of one side says something. */
  readonly isKnown: boolean
}) {
  const [isWhole, setIsWhole] = useState(false)
  if (before === null && after === null) return <p className="audit-difference-says">{texts.nothing}</p>
  const isChange = before !== null && after !== null
  const fields = differenceOf(before, after)
  const shown = isChange && !isWhole ? fields.filter(({ isChanged }) => isChanged) : fields
  const onlyOne = isKnown ? (before === null ? texts.made : texts.gone) : undefined
  const says = isChange ? (shown.length === 0 ? texts.same : undefined) : onlyOne
  return (
    <>
      {says !== undefined && <p className="audit-difference-says">{says}</p>}
      {shown.length > 0 && (
        <table className="audit-difference">
          <thead>
            <tr>
              <th scope="col">{texts.field}</th>
              {before !== null && <th scope="col">{texts.before}</th>}
              {after !== null && <th scope="col">{texts.after}</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map((field) => (
              <tr key={field.name} data-changed={(isChange && field.isChanged) || undefined}>
                <th scope="row">{field.name}</th>
                {before !== null && <Value text={field.before} kind="before" />}
                {after !== null && <Value text={field.after} kind="after" />}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isChange && (
        <Button aria-pressed={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? texts.changedOnly : texts.all}
        </Button>
      )}
    </>
  )
}

const Value = ({ text, kind }: { readonly text: string | undefined; readonly kind: 'before' | 'after' }) => (
  <td data-kind={kind}>{text === undefined ? <span className="none">{texts.none}</span> : <bdi>{text}</bdi>}</td>
)
