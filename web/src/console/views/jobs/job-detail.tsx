import { CancelJobDocument, JobDocument } from '../../generated/jobs.ts'
import type { JobQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Sid } from '../../kit/sid.tsx'
import { Thing } from '../../kit/thing.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { jobsTexts as texts } from '../../texts/en/jobs.ts'
import { channelOf, isOpen, JobState, kindWords, Progress, taskWords } from './words.tsx'

type Job = NonNullable<JobQuery['job']>

/** How often a job is read again until it has ended, in milliseconds: its progress is stored every two seconds at the latest. */
const refetchMs = 1000

/** One job. */
export function JobDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(JobDocument, { id }, { refetchMs, isFinal: ({ job: read }) => !read || !isOpen(read) })
  const job = data.data?.job
  return (
    <Detail
      title={job ? kindWords(job) : texts.columns.what}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={
        job && isOpen(job) ? (
          <ChangeButton
            label={texts.cancel}
            document={CancelJobDocument}
            variables={{ input: { jobId: id } }}
            ask={{ title: texts.cancelTitle, says: texts.cancelSays, keep: texts.keep }}
            done={texts.cancelled}
            disabled={job.isCancelling}
          />
        ) : undefined
      }
    >
      <Loaded from={data} height="16rem">
        {({ job: found }) => (found ? <JobFacts job={found} /> : <Nothing>{texts.noJob}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function JobFacts({ job }: { readonly job: Job }) {
  const { id, failureReason, failureCode, credentialId, consoleSessionId, createdAt, startedAt, endedAt, errors } = job
  const channelId = channelOf(job)
  return (
    <>
      <Facts>
        <Fact name={texts.facts.state} says={failureReason === null ? undefined : `${failureCode}: ${failureReason}`}>
          <JobState job={job} />
        </Fact>
        <Fact name={texts.facts.progress}>
          <Progress job={job} />
        </Fact>
        <Fact name={texts.facts.task}>
          <span dir="auto">{taskWords(job)}</span>
        </Fact>
        {channelId !== undefined && (
          <Fact name={texts.facts.channel}>
            <Thing id={channelId} />
          </Fact>
        )}
        <Fact name={texts.facts.startedBy}>
          {credentialId.startsWith('SK') ? <Thing id={credentialId} /> : texts.authToken}{' '}
          {consoleSessionId === null ? (
            texts.byApi
          ) : (
            <To path="/audit" params={{ about: id }}>
              {texts.inConsole}
            </To>
          )}
        </Fact>
        <Fact name={texts.facts.created}>
          <When at={createdAt} />
        </Fact>
        <Fact name={texts.facts.began}>
          <When at={startedAt} none={texts.notYet} />
        </Fact>
        <Fact name={texts.facts.ended}>
          <When at={endedAt} none={texts.notYet} />
        </Fact>
      </Facts>
      {errors.length > 0 && (
        <>
          <h3>{texts.errors}</h3>
          <ul className="job-errors">
            {errors.map(({ subjectId, code, message }, at) => (
              <li key={`${subjectId} ${at}`}>
                <Thing id={subjectId} /> {message} <code>{code}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
