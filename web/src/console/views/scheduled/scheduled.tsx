import { ScheduledDocument } from '../../generated/scheduled.ts'
import type { ScheduledMessageState, ScheduledQuery } from '../../generated/types.ts'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { firstLine } from '../../kit/plain-text.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { scheduledTexts as texts } from '../../texts/en/scheduled.ts'
import { ScheduledDetail } from './scheduled-detail.tsx'
import { hasText, ScheduledState } from './scheduled-state.tsx'

type Scheduled = NonNullable<ScheduledQuery['scheduledMessages']>['nodes'][number]

const columns: readonly Column<Scheduled>[] = [
  { head: texts.columns.text, cell: (message) => <Text message={message} /> },
  { head: texts.columns.author, cell: ({ authorIdentity }) => authorIdentity, width: '10rem' },
  {
    head: texts.columns.channel,
    cell: ({ channel }) => (channel ? channelName(channel) : texts.channelGone),
    width: '11rem',
    phone: 'none',
  },
  { head: texts.columns.state, cell: ({ state }) => <ScheduledState state={state} />, width: '8rem' },
  { head: texts.columns.at, cell: ({ sendAt }) => <When at={sendAt} />, width: '8rem', phone: 'end', align: 'end' },
]

const { WAITING: waiting, ...otherStates } = texts.states
const filters = ['state', 'author', 'channel']

/** What the users of a service have scheduled. */
export default function ScheduledMessages() {
  const url = useUrl()
  const serviceId = useServiceId()
  const variables = {
    serviceId,
    state: (url.get('state') as ScheduledMessageState | undefined) ?? 'WAITING',
    authorIdentity: url.get('author'),
    channelId: url.get('channel'),
  } as const
  return (
    <Page title={texts.title} says={texts.says}>
      <Filters>
        <ChoiceFilter name="state" label={texts.filters.state} all={waiting} choices={otherStates} />
        <TextFilter name="author" label={texts.filters.author} placeholder={texts.authorPlaceholder} />
        <TextFilter name="channel" label={texts.filters.channel} placeholder={texts.channelPlaceholder} />
        <ClearFilters names={filters} />
      </Filters>
      <List
        label={texts.title}
        document={ScheduledDocument}
        variables={variables}
        pick={pick}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        filters={filters}
        detail={(id, close) => <ScheduledDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}

const pick = ({ scheduledMessages }: ScheduledQuery) => scheduledMessages

function Text({ message: { body, state } }: { readonly message: Scheduled }) {
  if (!hasText(state)) return <span className="none">{texts.noText}</span>
  const line = firstLine(body)
  return line === '' ? <span className="none">{texts.emptyText}</span> : <span dir="auto">{line}</span>
}
