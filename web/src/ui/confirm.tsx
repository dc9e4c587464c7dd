import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState, type ReactNode } from 'react'
import { problemOf } from '../lib/use-attempt.ts'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import './dialog.css'

export interface ConfirmProps {
  readonly title: string
  readonly says: ReactNode
  /** The word on the button that does it. */
  readonly action: string
  /** The word on the button that does not. */
  readonly keep?: string
  /** What has to be typed first. */
  readonly phrase?: { readonly label: string; readonly text: string }
  /** While a promise is pending the dialog stays; it closes when that is fulfilled, and shows why when it is rejected. */
  readonly onConfirm: () => unknown
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back. */
export default function Confirm({ title, says, action, keep = 'Keep', phrase, onConfirm, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const [isRunning, setIsRunning] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const run = (): void => {
    const result = onConfirm()
    if (!(result instanceof Promise)) return onClose()
    setIsRunning(true)
    setProblem(null)
    result.then(onClose, (error: unknown) => {
      setProblem(problemOf(error))
      setIsRunning(false)
    })
  }
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog dialog-small">
          <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          <AlertDialog.Description className="dialog-says">{says}</AlertDialog.Description>
          {phrase && (
            <Field
              label={phrase.label}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
          )}
          {problem !== null && (
            <p className="dialog-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="dialog-actions">
            <AlertDialog.Close render={<Button />}>{keep}</AlertDialog.Close>
            <Button kind="main" disabled={isRunning || (phrase !== undefined && typed !== phrase.text)} onClick={run}>
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
