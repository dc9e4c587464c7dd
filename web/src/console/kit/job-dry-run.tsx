import { PreviewJobDocument } from '../generated/jobs.ts'
import type { JobTask, PreviewJobQuery } from '../generated/types.ts'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { shortSid } from './sid.tsx'
import { useData, type Data } from './use-data.ts'
import { Failed } from './waiting.tsx'
import './job-preview.css'

/** How many of the first are named. */
const maxShown = 5

type Preview = NonNullable<PreviewJobQuery['previewJob']>
type Example = NonNullable<Preview['examples'][number]>

/** What a job would do, read when it is asked for and not again by itself: it may look at much. */
export function useJobPreview(task: JobTask | undefined, serviceId: string | undefined): Data<PreviewJobQuery> {
  return useData(
    PreviewJobDocument,
    { task: task ?? {}, serviceId: serviceId ?? null },
    { enabled: task !== undefined },
  )
}

/** How many things a job would change, and the first of them. */
export function JobPreview({ from: { data, error, reload } }: { readonly from: Data<PreviewJobQuery> }) {
  if (error) return <Failed error={error} onRetry={reload} />
  const preview = data?.previewJob
  const shown = preview?.examples.filter((example) => example !== null).slice(0, maxShown) ?? []
  return (
    <div className="job-preview" aria-live="polite" aria-busy={!preview}>
      <p>{preview ? texts.job.finds(preview.count, preview.isComplete) : texts.job.looks}</p>
      {shown.length > 0 && (
        <ul>
          {shown.map((example) => (
            <li key={example.id} dir="auto">
              {nameOf(example)}
            </li>
          ))}
          {preview!.count > shown.length && (
            <li>{texts.job.more(preview!.count - shown.length, preview!.isComplete)}</li>
          )}
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
