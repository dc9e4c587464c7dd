import { AuditEntriesDocument } from '../../generated/audit.ts'
import type { AuditEntriesQuery } from '../../generated/types.ts'
import { ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { sidPrefix } from '../../kit/names.ts'
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
  { head: texts.columns.what, cell: ({ mutation }) => <What mutation={mutation} /> },
  { head: texts.columns.thing, cell: (entry) => <Thing entry={entry} />, width: '13rem' },
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

/** Prefixes of the SIDs of what a user is or has, and of what it has written. */
const personKinds = new Set(['US', 'MB', 'IN'])
const writtenKinds = new Set(['IM', 'SM'])

const same = ['mutation', 'credentialId', 'consoleSessionId', 'since', 'until'] as const
const filters = [...same, 'about'] as const

/** What operators have changed. */
export default function Audit() {
  const url = useUrl()
  const about = url.get('about')
  const isSid = about !== undefined && sidPrefix(about) !== undefined
  const variables = {
    ...Object.fromEntries(same.map((name) => [name, url.get(name) ?? null])),
    subjectId: isSid ? about : null,
    identity: isSid ? null : (about ?? null),
  }
  return (
    <Page title={texts.title} says={texts.says}>
      <div className="audit-filters">
        <Filters>
          <TextFilter name="mutation" label={texts.filters.mutation} placeholder={texts.filters.mutationPlaceholder} />
          <TextFilter name="about" label={texts.filters.about} placeholder={texts.filters.aboutPlaceholder} />
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

/** What the buttons call it, and beside that the mutation, which the filter asks for. */
const What = ({ mutation }: Pick<Entry, 'mutation'>) => (
  <>
    {wordsOf(mutation)} <code className="audit-mutation">{mutation}</code>
  </>
)

/** What was changed: by the identity, where it concerns a user, or by its SID. */
function Thing({ entry: { subjectId, identity } }: { readonly entry: Entry }) {
  const prefix = subjectId?.slice(0, 2) ?? ''
  if (identity !== null) {
    const kind = texts.kinds[personKinds.has(prefix) ? prefix : 'US']
    return (
      <>
        {writtenKinds.has(prefix) ? `${texts.kinds[prefix]} ${texts.by}` : kind} <bdi>{identity}</bdi>
      </>
    )
  }
  if (subjectId === null) return <span className="none">{texts.noThing}</span>
  return (
    <>
      {texts.kinds[prefix]} <Sid id={subjectId} copy={false} />
    </>
  )
}
