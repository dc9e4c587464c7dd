import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import type { Document } from '../document.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { useChange } from './use-change.ts'
import { Problem } from './waiting.tsx'
import '../../ui/dialog.css'
import './form-dialog.css'

export interface FormDialogProps<Result, Variables> {
  readonly title: string
  /** What will happen. */
  readonly says?: ReactNode
  /** The word on the button that does it. */
  readonly action: string
  readonly document: Document<Result, Variables>
  readonly variables: () => Variables
  readonly isReady?: boolean
  readonly done?: string
  readonly onDone?: (result: Result) => void
  readonly onClose: () => void
  /** The word on the button that closes it. */
  readonly close?: string
  /** Whether what comes after takes its place: then it is not closed when it is done. */
  readonly staysOpen?: boolean
  /** The paths in the input of which the fields show what is wrong; what is wrong with others stands at the foot. */
  readonly fields: readonly string[]
  /** The fields. `problemOf` says what is wrong with one, by its path in the input. */
  readonly children: (problemOf: (field: string) => string | undefined) => ReactNode
}

/** Asks for what a change needs. Loaded when it is opened, by a `DialogButton`. */
export function FormDialog<Result, Variables>({
  title,
  says,
  action,
  document,
  variables,
  isReady = true,
  done,
  onDone,
  onClose,
  close = texts.cancel,
  staysOpen = false,
  fields,
  children,
}: FormDialogProps<Result, Variables>) {
  const change = useChange(document, {
    ...(done !== undefined && { done }),
    onDone: (result) => {
      onDone?.(result)
      if (!staysOpen) onClose()
    },
  })
  const isShown = fields.some((field) => change.problemOf(field) !== undefined)
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog form-dialog">
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              // What failed is shown where it belongs.
              if (isReady && !change.isRunning) change.run(variables()).catch(() => {})
            }}
          >
            <Dialog.Title className="dialog-title">{title}</Dialog.Title>
            {says !== undefined && <Dialog.Description className="dialog-says">{says}</Dialog.Description>}
            <div className="form-fields">{children(change.problemOf)}</div>
            {!isShown && <Problem error={change.error} />}
            <div className="dialog-actions">
              <Dialog.Close render={<Button />}>{close}</Dialog.Close>
              <Button kind="main" type="submit" disabled={!isReady || change.isRunning}>
                {action}
              </Button>
            </div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
