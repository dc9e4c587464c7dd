import { DeploymentFindingsDocument, DeploymentStateDocument } from '../../generated/overview.ts'
import { Page, Section } from '../../kit/page.tsx'
import { State } from '../../kit/state.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { useNow } from '../../kit/use-now.ts'
import { Age, Loaded } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'
import { Cards } from './cards.tsx'
import { FindingList } from './finding-list.tsx'
import { findingsRefetchMs } from './findings-refetch.ts'
import { Hour } from './hour.tsx'
import { ProcessList, refetchMs } from './process-list.tsx'
import './overview.css'

const texts = overviewTexts

/** More stand in a view of their own. */
const maxFindings = 5

/** What one looks at first: what is odd, what the processes share, the processes, and their last hour. */
export default function Overview() {
  return (
    <Page title={texts.overview.title} says={texts.overview.says}>
      <Odd />
      <Shared />
      <Section title={texts.processes.title} actions={<To path="/processes">{texts.processes.all}</To>}>
        <div className="overview-list">
          <ProcessList leads />
        </div>
      </Section>
      <Hour />
    </Page>
  )
}

function Odd() {
  const data = useData(DeploymentFindingsDocument, {}, { refetchMs: findingsRefetchMs })
  return (
    <Section title={texts.findings.odd} actions={<Age of={data} />}>
      <Loaded from={data} height="3rem">
        {({ deployment }) => {
          const { items, checkedAt } = deployment!.findings
          if (checkedAt === null) return <p className="odd-none">{texts.findings.checking}</p>
          return (
            <>
              {items.length > 0 && <FindingList findings={items.slice(0, maxFindings)} />}
              <p className="odd-none">
                {items.length === 0 && <State kind="good" words={texts.findings.none} />}
                {items.length > maxFindings && <To path="/findings">{texts.findings.all(items.length)}</To>}
                <span className="odd-checked">
                  {texts.findings.checked} <When at={checkedAt} />
                </span>
              </p>
            </>
          )
        }}
      </Loaded>
    </Section>
  )
}

function Shared() {
  const data = useData(DeploymentStateDocument, {}, { refetchMs })
  const now = useNow()
  return (
    <Section title={texts.shared} actions={<Age of={data} />}>
      <Loaded from={data} height="15rem">
        {({ deployment }) => (
          <Cards deployment={deployment!} away={data.error?.isOutage ? now - data.readAt : undefined} />
        )}
      </Loaded>
    </Section>
  )
}
