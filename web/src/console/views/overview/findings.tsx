import { DeploymentFindingsDocument } from '../../generated/overview.ts'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { Page } from '../../kit/page.tsx'
import { useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Age, Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'
import { FindingList, type Finding } from './finding-list.tsx'
import { findingsRefetchMs } from './findings-refetch.ts'
import './overview.css'

const texts = overviewTexts.findings

const filters = ['severity', 'code']

/** All that is odd. */
export default function Findings() {
  const data = useData(DeploymentFindingsDocument, {}, { refetchMs: findingsRefetchMs })
  const url = useUrl()
  const [severity, code] = [url.get('severity'), url.get('code')?.toLowerCase()]
  const matches = (finding: Finding): boolean =>
    (severity === undefined || finding.severity === severity) &&
    (code === undefined || `${finding.code} ${finding.subject ?? ''}`.toLowerCase().includes(code))
  return (
    <Page title={texts.title} says={texts.says} actions={<Age of={data} />}>
      <Filters>
        <TextFilter name="code" label={texts.code} />
        <ChoiceFilter name="severity" label={texts.severity} choices={texts.severities} />
        <ClearFilters names={filters} />
      </Filters>
      <Loaded from={data} height="20rem">
        {({ deployment }) => {
          const { items, checkedAt } = deployment!.findings
          if (checkedAt === null) return <Nothing>{texts.checking}</Nothing>
          const shown = items.filter(matches)
          return (
            <>
              {shown.length === 0 ? (
                <Nothing>{items.length === 0 ? texts.empty : texts.noneMatches}</Nothing>
              ) : (
                <FindingList findings={shown} />
              )}
              <p className="findings-foot">
                <span>
                  {texts.checked} <When at={checkedAt} />
                </span>
              </p>
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
