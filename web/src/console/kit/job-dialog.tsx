import { useState } from 'react'
import { useLocation } from 'wouter'
import { Field } from '../../ui/field.tsx'
import { StartJobDocument } from '../generated/jobs.ts'
import type { JobTask } from '../generated/types.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { FormDialog } from './form-dialog.tsx'
import { JobDryRun, useJobDryRun } from './job-dry-run.tsx'
import { useServiceId, useUrl } from './url.ts'

/** So many things are lost at once that their number has to be typed. */
const manyThings = 50

/** Says what a job will do, and starts it. The view of jobs shows how it goes on. */
export default function JobDialog({
  title,
  says,
  action,
  task,
  onStarted,
  serviceId: given,
  onClose,
}: {
  readonly title: string
  readonly says: string
  readonly action: string
  readonly task: JobTask
  readonly onStarted?: (() => void) | undefined
  /** The chosen one when left out. */
  readonly serviceId?: string | undefined
  readonly onClose: () => void
}) {
  const chosen = useServiceId()
  const serviceId = given ?? chosen
  const url = useUrl()
  const [, navigate] = useLocation()
  const [typed, setTyped] = useState('')
  const dryRun = useJobDryRun(task, serviceId)
  const count = dryRun.data?.dryRunJob?.count
  const phrase = count !== undefined && count > manyThings ? String(count) : undefined
  return (
    <FormDialog
      title={title}
      says={says}
      action={action}
      document={StartJobDocument}
      variables={() => ({ input: { task, serviceId: serviceId ?? null } })}
      fields={[]}
      isReady={count !== undefined && count > 0 && (phrase === undefined || typed === phrase)}
      done={texts.job.started}
      onDone={({ startJob }) => {
        onStarted?.()
        if (startJob) navigate(url.to('/jobs', { open: startJob.job.id }))
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <JobDryRun from={dryRun} />
          {phrase !== undefined && (
            <Field
              label={texts.typeToConfirm(phrase)}
              autoComplete="off"
              inputMode="numeric"
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
          )}
        </>
      )}
    </FormDialog>
  )
}
