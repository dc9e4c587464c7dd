import { useState } from 'react'
import { UpdateKeyDocument } from '../../generated/keys.ts'
import type { KeyFieldsFragment } from '../../generated/types.ts'
import { changedFields } from '../../kit/changed.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { keysTexts as texts } from '../../texts/en/keys.ts'
import { KeyFields, keyFields, toKeyInput, type KeyForm } from './key-fields.tsx'

/** Changes the name and the rate of a key. */
export default function EditKey({
  apiKey: { id, friendlyName, rate },
  onClose,
}: {
  readonly apiKey: KeyFieldsFragment
  readonly onClose: () => void
}) {
  const [before] = useState<KeyForm>({
    name: friendlyName ?? '',
    limit: String(rate?.limit ?? ''),
    seconds: String(rate?.seconds ?? ''),
  })
  const [form, setForm] = useState(before)
  const changed = changedFields(toKeyInput(before), toKeyInput(form))
  return (
    <FormDialog
      title={texts.editTitle}
      says={texts.editSays}
      action={texts.save}
      document={UpdateKeyDocument}
      variables={() => ({ input: { apiKeyId: id, ...changed } })}
      isReady={Object.keys(changed).length > 0}
      done={texts.saved}
      fields={keyFields}
      onClose={onClose}
    >
      {(problemOf) => <KeyFields form={form} problemOf={problemOf} onChange={setForm} />}
    </FormDialog>
  )
}
