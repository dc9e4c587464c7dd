import { AuditEntriesDocument } from '../../generated/audit.ts'
import type { AuditEntriesQuery } from '../../generated/types.ts'
import { ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { Sid } from '../../kit/sid.tsx'
import { TimeFilter } from '../../kit/time-filter.tsx'
import { useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { auditTexts as texts } from '../../texts/en/audit.ts'
import { EntryDetail } from './entry-detail.tsx'
import { Credential, Outcome, wordsOf } from './words.tsx'
import './audit.css'

type Entry = NonNullable<AuditEntriesQuery['auditEntries']>['nodes'][number]

const columns: readonly Column<Entry>[] = [
  { head: texts.columns.what, cell: ({ mutation }) => wordsOf(mutation) },
  { head: texts.columns.thing, cell: ({ subjectId }) => <Thing id={subjectId} />, width: '13rem' },
  {
    head: texts.columns.who,
    cell: ({ credentialId }) => <Credential id={credentialId} />,
    width: '12rem',
    phone: 'none',
  },
  { head: texts.columns.state, cell: (entry) => <Outcome entry={entry} />, width: '7rem' },
  {
    head: texts.columns.when,
    cell: ({ startedAt }) => <When at={startedAt} />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

const filters = ['mutation', 'subjectId', 'credentialId', 'consoleSessionId', 'since', 'until'] as const

/** What operators have changed. */
export default function Audit() {
  const url = useUrl()
  const variables = Object.fromEntries(filters.map((name) => [name, url.get(name) ?? null]))
  return (
    <Page title={texts.title} says={texts.says}>
      <div className="audit-filters">
        <Filters>
          <TextFilter name="mutation" label={texts.filters.mutation} placeholder={texts.filters.mutationPlaceholder} />
          <TextFilter name="subjectId" label={texts.filters.subjectId} />
          <TextFilter name="credentialId" label={texts.filters.credentialId} />
          <TimeFilter name="since" label={texts.filters.since} />
          <TimeFilter name="until" label={texts.filters.until} />
          <ClearFilters names={filters} />
        </Filters>
      </div>
      <List
        label={texts.title}
        document={AuditEntriesDocument}
        variables={variables}
        pick={({ auditEntries }) => auditEntries}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        filters={filters}
        detail={(id, close) => <EntryDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}

function Thing({ id }: { readonly id: string | null }) {
  if (id === null) return <span className="none">{texts.noThing}</span>
  return (
    <>
      {texts.kinds[id.slice(0, 2)]} <Sid id={id} copy={false} />
    </>
  )
}
