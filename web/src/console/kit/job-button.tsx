import type { JobTask } from '../generated/types.ts'
import { DialogButton } from './dialog-button.tsx'

/** A button that has a job do something to many things: it says to which, asks, and leads to the job. For the `bulk` actions of a list. */
export function JobButton({
  label,
  ...asked
}: {
  readonly label: string
  /** The question: `Delete these channels?` */
  readonly title: string
  /** What will happen to each, and that it cannot be undone. */
  readonly says: string
  readonly task: JobTask
  readonly onStarted?: () => void
  /** The chosen one when left out. */
  readonly serviceId?: string | undefined
}) {
  return <DialogButton label={label} load={() => import('./job-dialog.tsx')} props={{ ...asked, action: label }} />
}
