import { useId, useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { CreateCredentialDocument } from '../../generated/credentials.ts'
import type { CreateCredentialInput, CredentialType } from '../../generated/types.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { TextArea } from '../../kit/text-area.tsx'
import { credentialsTexts as texts } from '../../texts/en/credentials.ts'

/** What one writes of a credential. */
interface Form {
  readonly name: string
  readonly type: CredentialType
  readonly certificate: string
  readonly privateKey: string
  readonly isSandbox: boolean
  /** Of Google's push services. */
  readonly key: string
}

interface FieldsProps {
  readonly form: Form
  readonly problemOf: (field: string) => string | undefined
  readonly onChange: (form: Form) => void
}

/** With the fields of its push service alone: others are refused. */
function toInput({ name, type, certificate, privateKey, isSandbox, key }: Form): CreateCredentialInput {
  const common = { type, friendlyName: name.trim() === '' ? null : name.trim() }
  if (type === 'APN') return { ...common, certificate, privateKey, sandbox: isSandbox }
  return type === 'FCM' ? { ...common, secret: key.trim() } : { ...common, apiKey: key.trim() }
}

const empty: Form = { name: '', type: 'FCM', certificate: '', privateKey: '', isSandbox: false, key: '' }

/** Adds a credential. */
export default function CreateCredential({ onClose }: { readonly onClose: () => void }) {
  const [form, setForm] = useState(empty)
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.createSays}
      action={texts.create}
      document={CreateCredentialDocument}
      variables={() => ({ input: toInput(form) })}
      done={texts.created}
      onClose={onClose}
      fields={['friendlyName', 'certificate', 'privateKey', 'secret', 'apiKey']}
    >
      {(problemOf) => (
        <>
          <CommonFields form={form} problemOf={problemOf} onChange={setForm} />
          {form.type === 'APN' ? (
            <AppleFields form={form} problemOf={problemOf} onChange={setForm} />
          ) : (
            <GoogleFields form={form} problemOf={problemOf} onChange={setForm} />
          )}
        </>
      )}
    </FormDialog>
  )
}

function CommonFields({ form, problemOf, onChange }: FieldsProps) {
  const id = useId()
  return (
    <>
      <div className="field">
        <label htmlFor={id}>{texts.type}</label>
        <select
          id={id}
          className="select"
          value={form.type}
          onChange={({ target }) => onChange({ ...form, type: target.value as CredentialType })}
        >
          {Object.entries(texts.types).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </div>
      <Field
        label={texts.name}
        autoComplete="off"
        value={form.name}
        problem={problemOf('friendlyName')}
        onChange={({ target }) => onChange({ ...form, name: target.value })}
      />
    </>
  )
}

function GoogleFields({ form, problemOf, onChange }: FieldsProps) {
  const isFirebase = form.type === 'FCM'
  return (
    <Field
      label={isFirebase ? texts.serverKey : texts.apiKey}
      type="password"
      autoComplete="off"
      value={form.key}
      problem={problemOf(isFirebase ? 'secret' : 'apiKey')}
      onChange={({ target }) => onChange({ ...form, key: target.value })}
    />
  )
}

function AppleFields({ form, problemOf, onChange }: FieldsProps) {
  return (
    <>
      <TextArea
        label={texts.certificate}
        data-code
        spellCheck={false}
        value={form.certificate}
        problem={problemOf('certificate')}
        onChange={({ target }) => onChange({ ...form, certificate: target.value })}
      />
      <TextArea
        label={texts.privateKey}
        data-code
        spellCheck={false}
        autoComplete="off"
        value={form.privateKey}
        problem={problemOf('privateKey')}
        onChange={({ target }) => onChange({ ...form, privateKey: target.value })}
      />
      <label>
        <input
          type="checkbox"
          checked={form.isSandbox}
          onChange={({ target }) => onChange({ ...form, isSandbox: target.checked })}
        />{' '}
        {texts.isSandbox}
      </label>
    </>
  )
}
