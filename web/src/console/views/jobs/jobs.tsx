import { JobsDocument } from '../../generated/jobs.ts'
import type { JobRowFieldsFragment } from '../../generated/types.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { useServiceId } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { jobsTexts as texts } from '../../texts/en/jobs.ts'
import { JobDetail } from './job-detail.tsx'
import { JobState, kindWords, Progress, taskWords } from './words.tsx'

/** How often the list is read again, in milliseconds: a job changes by itself. */
const refetchMs = 3000

const columns: readonly Column<JobRowFieldsFragment>[] = [
  {
    head: texts.columns.what,
    cell: (job) => (
      <>
        {kindWords(job)}: <span dir="auto">{taskWords(job)}</span>
      </>
    ),
  },
  { head: texts.columns.progress, cell: (job) => <Progress job={job} />, width: '13rem' },
  { head: texts.columns.state, cell: (job) => <JobState job={job} />, width: '9rem' },
  {
    head: texts.columns.by,
    cell: ({ createdAt }) => <When at={createdAt} />,
    width: '6rem',
    align: 'end',
    phone: 'end',
  },
]

/** The jobs of a service. */
export default function Jobs() {
  const serviceId = useServiceId()
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={<DialogButton kind="main" label={texts.start} load={() => import('./start-job.tsx')} props={{}} />}
    >
      <List
        label={texts.title}
        document={JobsDocument}
        variables={{ serviceId: serviceId ?? null }}
        pick={({ jobs }) => jobs}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        refetchMs={refetchMs}
        detail={(id, close) => <JobDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}
