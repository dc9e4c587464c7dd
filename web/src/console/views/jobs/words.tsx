import type { JobRowFieldsFragment } from '../../generated/types.ts'
import { State } from '../../kit/state.tsx'
import { jobsTexts as texts } from '../../texts/en/jobs.ts'
import './words.css'

type Job = JobRowFieldsFragment

/** What the API keeps of what a job was asked for. */
interface Task {
  readonly channelId?: string
  readonly ids?: readonly string[]
  readonly filter?: Readonly<Record<string, unknown>>
}

export const channelOf = (job: Job): string | undefined => (job.task as Task).channelId

export const kindWords = ({ kind }: Job): string => (kind == null ? texts.unknownKind : texts.kinds[kind])

/** `author alice, sent from 2026-11-01`. */
export function taskWords(job: Job): string {
  const { ids, filter = {} } = job.task as Task
  if (ids) return texts.listed(ids.length)
  const conditions = Object.entries(filter).map(
    ([name, value]) => (texts.conditions[name] ?? name) + (value === true ? '' : ` ${valueWords(name, value)}`),
  )
  return conditions.length === 0 ? texts.everything : conditions.join(', ')
}

function valueWords(name: string, value: unknown): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value)
  return /since|until|before/iu.test(name) ? new Date(text).toLocaleString() : text
}

export const isOpen = ({ state }: Job): boolean => state === 'QUEUED' || state === 'RUNNING'

const kinds = { QUEUED: 'wait', RUNNING: 'wait', DONE: 'good', FAILED: 'bad', CANCELLED: 'off' } as const

export function JobState({ job }: { readonly job: Job }) {
  const { state, isCancelling, failed } = job
  const word = isOpen(job) && isCancelling ? texts.cancelling : texts.states[state]
  const hasFailed = state === 'DONE' && failed > 0
  return <State kind={hasFailed ? 'bad' : kinds[state]} words={hasFailed ? texts.donePart : word} />
}

/** How far it is, in figures and as a bar where it is known of how many. */
export function Progress({ job: { done, failed, skipped, total } }: { readonly job: Job }) {
  const words = texts.progress(done, total, failed, skipped)
  return (
    <span className="job-progress">
      {total !== null && total > 0 && (
        <progress max={total} value={Math.min(done + failed + skipped, total)} aria-label={texts.progressLabel} />
      )}
      <span>{words}</span>
    </span>
  )
}
