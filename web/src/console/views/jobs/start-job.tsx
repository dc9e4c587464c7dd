import { Dialog } from '@base-ui/react/dialog'
import { useId, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Field } from '../../../ui/field.tsx'
import type { JobKind } from '../../generated/types.ts'
import JobDialog from '../../kit/job-dialog.tsx'
import { jobsTexts as texts } from '../../texts/en/jobs.ts'
import { kitTexts } from '../../texts/en/kit.ts'
import { fieldsOf, isComplete, kinds, toTask, type TaskForm } from './task-form.ts'
import '../../../ui/dialog.css'
import '../../kit/form-dialog.css'

/** Asks what a job is to do, shows what that would be, and starts it. */
export default function StartJob({ onClose }: { readonly onClose: () => void }) {
  const id = useId()
  const [form, setForm] = useState<TaskForm>({ kind: 'DELETE_CHANNELS', values: {} })
  const [isNext, setIsNext] = useState(false)
  const { kind, values } = form
  if (isNext) {
    return (
      <JobDialog
        title={texts.titles[kind]}
        says={texts.consequences[kind]}
        action={texts.kinds[kind]}
        task={toTask(form)}
        onClose={onClose}
      />
    )
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog form-dialog">
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              if (isComplete(form)) setIsNext(true)
            }}
          >
            <Dialog.Title className="dialog-title">{texts.startTitle}</Dialog.Title>
            <Dialog.Description className="dialog-says">{texts.startSays}</Dialog.Description>
            <div className="form-fields">
              <div className="field">
                <label htmlFor={id}>{texts.kind}</label>
                <select
                  id={id}
                  className="select"
                  value={kind}
                  onChange={({ target: { value } }) => setForm({ kind: value as JobKind, values: {} })}
                >
                  {kinds.map((one) => (
                    <option key={one} value={one}>
                      {texts.kinds[one]}
                    </option>
                  ))}
                </select>
              </div>
              {fieldsOf[kind].map(({ name, label, type = 'text' }) => (
                <Field
                  key={name}
                  label={label}
                  type={type}
                  autoComplete="off"
                  spellCheck={false}
                  value={values[name] ?? ''}
                  onChange={({ target: { value } }) => setForm({ kind, values: { ...values, [name]: value } })}
                />
              ))}
            </div>
            <div className="dialog-actions">
              <Dialog.Close render={<Button />}>{kitTexts.cancel}</Dialog.Close>
              <Button kind="main" type="submit" disabled={!isComplete(form)}>
                {texts.next}
              </Button>
            </div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
