import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import type { Document } from '../document.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { DialogButton } from './dialog-button.tsx'
import { useNotify } from './notices.tsx'
import { RequestError } from './request.ts'
import { useChange } from './use-change.ts'

export interface Ask {
  readonly title: string
  /** What will happen, and that it cannot be undone where it cannot. */
  readonly says: ReactNode
  /** The word on the button that does it, when it is not the label. */
  readonly action?: string
  /** The word on the button that leaves it as it is: “Cancel”, unless cancelling is what is asked for. */
  readonly keep?: string
  /** What has to be typed first, where what is lost is much. */
  readonly phrase?: string
}

/** A button that changes something by a mutation, and asks before where `ask` says what. What fails is said in the dialog, or at the foot of the page. */
export function ChangeButton<Result, Variables>({
  label,
  document,
  variables,
  ask,
  done,
  onDone,
  kind = 'plain',
  disabled = false,
}: {
  readonly label: string
  readonly document: Document<Result, Variables>
  readonly variables: Variables
  readonly ask?: Ask
  /** What is shown once it is done. */
  readonly done: string
  readonly onDone?: (result: Result) => void
  readonly kind?: 'main' | 'plain'
  readonly disabled?: boolean
}) {
  const notify = useNotify()
  const change = useChange(document, { done, onDone })
  const isDisabled = disabled || change.isRunning
  if (ask) {
    return (
      <DialogButton
        label={label}
        kind={kind}
        disabled={isDisabled}
        load={() => import('../../ui/confirm.tsx')}
        props={{
          title: ask.title,
          says: ask.says,
          action: ask.action ?? label,
          keep: ask.keep ?? texts.cancel,
          ...(ask.phrase !== undefined && { phrase: { label: texts.typeToConfirm(ask.phrase), text: ask.phrase } }),
          onConfirm: () => change.run(variables),
        }}
      />
    )
  }
  const run = (): void => {
    change.run(variables).catch((error: unknown) => {
      notify(error instanceof RequestError ? error.message : texts.problems.away, { isProblem: true })
    })
  }
  return (
    <Button kind={kind} disabled={isDisabled} onClick={run}>
      {label}
    </Button>
  )
}
