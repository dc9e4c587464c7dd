import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import type { JobTask } from '../generated/types.ts'
import { later } from './later.tsx'

const JobDialog = later(() => import('./job-dialog.tsx'))

/** A button that has a job do something to many things: it says to which, asks, and leads to the job. For the `bulk` actions of a list. */
export function JobButton({
  label,
  title,
  says,
  task,
  onStarted,
  serviceId,
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
  const [isAsking, setIsAsking] = useState(false)
  return (
    <>
      <Button aria-haspopup="dialog" onClick={() => setIsAsking(true)}>
        {label}
      </Button>
      {isAsking && (
        <JobDialog
          title={title}
          says={says}
          action={label}
          task={task}
          onStarted={onStarted}
          serviceId={serviceId}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  )
}
