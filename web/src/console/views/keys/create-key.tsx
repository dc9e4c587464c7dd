import { Dialog } from '@base-ui/react/dialog'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { CreateKeyDocument } from '../../generated/keys.ts'
import { Fact, Facts } from '../../kit/facts.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { CopyButton } from '../../kit/sid.tsx'
import { keysTexts as texts } from '../../texts/en/keys.ts'
import { KeyFields, keyFields, toKeyInput, type KeyForm } from './key-fields.tsx'
import './create-key.css'

interface Made {
  readonly id: string
  readonly secret: string
}

/** Makes a key, and shows its secret, this once. */
export default function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const [form, setForm] = useState<KeyForm>({ name: '', limit: '', seconds: '' })
  const [made, setMade] = useState<Made | null>(null)
  if (made) return <Secret made={made} onClose={onClose} />
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.createSays}
      action={texts.create}
      document={CreateKeyDocument}
      variables={() => ({ input: toKeyInput(form) })}
      onDone={({ createApiKey }) =>
        createApiKey && setMade({ id: createApiKey.apiKey.id, secret: createApiKey.secret })
      }
      fields={keyFields}
      onClose={onClose}
      staysOpen
    >
      {(problemOf) => <KeyFields form={form} problemOf={problemOf} onChange={setForm} />}
    </FormDialog>
  )
}

/** Closes by its button alone: a stray click or key must not take away what cannot be read again. */
function Secret({ made: { id, secret }, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  return (
    <Dialog.Root open disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog secret-dialog">
          <Dialog.Title className="dialog-title">{texts.secretTitle}</Dialog.Title>
          <Dialog.Description className="dialog-says">{texts.secretSays}</Dialog.Description>
          <Facts>
            <Fact name={texts.columns.sid}>
              <code>{id}</code> <CopyButton text={id} label={texts.columns.sid} />
            </Fact>
            <Fact name={texts.secret}>
              <code>{secret}</code> <CopyButton text={secret} label={texts.copySecret} />
            </Fact>
          </Facts>
          <div className="dialog-actions">
            <Button kind="main" onClick={onClose}>
              {texts.haveIt}
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
