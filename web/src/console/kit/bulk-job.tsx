import type { JobTask } from '../generated/types.ts'
import { JobButton } from './job-button.tsx'
import type { Bulk, Selection } from './selection.tsx'

export interface BulkWords {
  readonly count: (rows: number) => string
  readonly all?: string
  readonly label: string
  readonly title: string
  readonly says: string
}

interface BulkOptions {
  /** Whether the job has a filter for all that match. */
  readonly hasAll?: boolean
  /** The chosen service when left out. */
  readonly serviceId?: string
}

/** What a list offers for selected rows that one kind of job is done to. */
export function bulkJob<Row>(
  { count, all, label, title, says }: BulkWords,
  rowName: (row: Row) => string,
  toTask: (selection: Pick<Selection, 'isAll'> & { readonly ids: string[] }) => JobTask,
  { hasAll = false, serviceId }: BulkOptions = {},
): Bulk<Row> {
  return {
    rowName,
    count,
    all: hasAll ? all : undefined,
    actions: ({ ids, isAll, clear }) => (
      <JobButton
        label={label}
        title={title}
        says={says}
        task={toTask({ ids: [...ids], isAll })}
        serviceId={serviceId}
        onStarted={clear}
      />
    ),
  }
}
