import { DryRunJobDocument } from '../generated/jobs.ts'
import type { JobTask, DryRunJobQuery } from '../generated/types.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { shortSid } from './sid.tsx'
import { useData, type Data } from './use-data.ts'
import { Failed } from './waiting.tsx'
import './job-dry-run.css'

/** How many of the first are named. */
const maxShown = 5

type DryRun = NonNullable<DryRunJobQuery['dryRunJob']>
type Example = NonNullable<DryRun['examples'][number]>

/** What a job would do, read when it is asked for and not again by itself: it may look at much. */
export function useJobDryRun(task: JobTask | undefined, serviceId: string | undefined): Data<DryRunJobQuery> {
  return useData(DryRunJobDocument, { task: task ?? {}, serviceId: serviceId ?? null }, { enabled: task !== undefined })
}

/** How many things a job would change, and the first of them. */
export function JobDryRun({ from: { data, error, reload } }: { readonly from: Data<DryRunJobQuery> }) {
  if (error) return <Failed error={error} onRetry={reload} />
  const dryRun = data?.dryRunJob
  const shown = dryRun?.examples.filter((example) => example !== null).slice(0, maxShown) ?? []
  return (
    <div className="job-dry-run" aria-live="polite" aria-busy={!dryRun}>
      <p>{dryRun ? texts.job.finds(dryRun.count, dryRun.isComplete) : texts.job.looks}</p>
      {shown.length > 0 && (
        <ul>
          {shown.map((example) => (
            <li key={example.id} dir="auto">
              {nameOf(example)}
            </li>
          ))}
          {dryRun!.count > shown.length && <li>{texts.job.more(dryRun!.count - shown.length, dryRun!.isComplete)}</li>}
        </ul>
      )}
    </div>
  )
}

function nameOf(example: Example): string {
  if ('body' in example) return `${example.authorIdentity}: ${example.body}`
  if ('identity' in example) return example.identity
  const { id, friendlyName = null, uniqueName = null } = example as Partial<Record<string, string | null>>
  return friendlyName ?? uniqueName ?? shortSid(id!)
}
