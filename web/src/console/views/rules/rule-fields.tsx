import { useId } from 'react'
import { Field } from '../../../ui/field.tsx'
import type { KeywordAction } from '../../generated/types.ts'
import { TextArea } from '../../kit/text-area.tsx'
import { rulesTexts as texts } from '../../texts/en/rules.ts'
import type { RuleForm } from './rule-form.ts'

const actions = Object.keys(texts.actions) as readonly KeywordAction[]

/** What a rule consists of. */
export function RuleFields({
  form,
  problemOf,
  onChange,
}: {
  readonly form: RuleForm
  readonly problemOf: (field: 'name' | 'words' | 'pattern') => string | undefined
  readonly onChange: (form: RuleForm) => void
}) {
  const id = useId()
  return (
    <>
      <Field
        label={texts.name}
        placeholder={texts.namePlaceholder}
        autoComplete="off"
        value={form.name}
        problem={problemOf('name')}
        onChange={({ target }) => onChange({ ...form, name: target.value })}
      />
      <fieldset className="rule-choices">
        <legend>{texts.action}</legend>
        {actions.map((action) => (
          <label key={action} className="rule-choice">
            <input
              type="radio"
              name={`${id}-action`}
              checked={form.action === action}
              onChange={() => onChange({ ...form, action })}
            />
            <div>
              {texts.actions[action]} <span>{texts.actionSays[action]}</span>
            </div>
          </label>
        ))}
      </fieldset>
      <TextArea
        label={texts.wordsLabel}
        rows={7}
        dir="auto"
        spellCheck={false}
        value={form.words}
        problem={problemOf('words')}
        says={texts.wordsSays}
        onChange={({ target }) => onChange({ ...form, words: target.value })}
      />
      <div className="pattern">
        <Field
          label={texts.patternLabel}
          autoComplete="off"
          spellCheck={false}
          value={form.pattern}
          problem={problemOf('pattern')}
          onChange={({ target }) => onChange({ ...form, pattern: target.value })}
        />
        <div className="field">
          <p className="field-says">{texts.patternSays}</p>
        </div>
      </div>
    </>
  )
}
