import { Field } from '../../../ui/field.tsx'
import { keysTexts as texts } from '../../texts/en/keys.ts'
import './key-fields.css'

/** What one writes of a key. */
export interface KeyForm {
  readonly name: string
  readonly limit: string
  readonly seconds: string
}

/** As the API takes it: null for no name and for no rate. What is no number is refused there with the field's name. */
export function toKeyInput({ name, limit, seconds }: KeyForm) {
  const hasRate = limit.trim() !== '' || seconds.trim() !== ''
  return {
    friendlyName: name.trim() === '' ? null : name.trim(),
    rate: hasRate ? { limit: Math.trunc(Number(limit)), seconds: Math.trunc(Number(seconds)) } : null,
  }
}

/** Those that say what is wrong with them. */
export const keyFields = ['friendlyName', 'rate', 'rate.limit', 'rate.seconds']

export function KeyFields({
  form,
  problemOf,
  onChange,
}: {
  readonly form: KeyForm
  readonly problemOf: (field: string) => string | undefined
  readonly onChange: (form: KeyForm) => void
}) {
  return (
    <>
      <Field
        label={texts.name}
        placeholder={texts.namePlaceholder}
        autoComplete="off"
        value={form.name}
        problem={problemOf('friendlyName')}
        onChange={({ target }) => onChange({ ...form, name: target.value })}
      />
      <div className="key-rate">
        <Field
          label={texts.limit}
          type="number"
          min={1}
          value={form.limit}
          problem={problemOf('rate.limit') ?? problemOf('rate')}
          onChange={({ target }) => onChange({ ...form, limit: target.value })}
        />
        <Field
          label={texts.seconds}
          type="number"
          min={1}
          value={form.seconds}
          problem={problemOf('rate.seconds')}
          onChange={({ target }) => onChange({ ...form, seconds: target.value })}
        />
      </div>
      <p className="key-says">{texts.rateSays}</p>
    </>
  )
}
