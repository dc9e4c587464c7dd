import { sidPrefix } from '../../kit/names.ts'
import { Thing } from '../../kit/thing.tsx'
import { auditTexts as texts } from '../../texts/en/audit.ts'
import { flatten } from './difference.ts'
import './difference.css'

/** What a change was asked for with, field by field. */
export function Given({ input }: { readonly input: unknown }) {
  const fields = [...flatten(input)]
  if (fields.length === 0) return null
  return (
    <>
      <h3>{texts.given}</h3>
      <table className="audit-difference">
        <thead>
          <tr>
            <th scope="col">{texts.field}</th>
            <th scope="col">{texts.value}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Value text={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function Value({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return <span className="none">{texts.none}</span>
  return sidPrefix(text) === undefined ? <bdi>{text}</bdi> : <Thing id={text} />
}
