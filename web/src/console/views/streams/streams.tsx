import { StreamsDocument } from '../../generated/streams.ts'
import type { StreamsQuery } from '../../generated/types.ts'
import { ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { shortSid } from '../../kit/sid.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { streamsTexts as texts } from '../../texts/en/streams.ts'
import { StreamDetail } from './stream-detail.tsx'

type Stream = NonNullable<StreamsQuery['messageStreams']>['nodes'][number]

const columns: readonly Column<Stream>[] = [
  { head: texts.columns.message, cell: ({ message }) => shortSid(message.id) },
  { head: texts.columns.author, cell: ({ message }) => message.authorIdentity, width: '10rem' },
  {
    head: texts.columns.channel,
    cell: ({ message }) => channelName(message.channel),
    width: '11rem',
  },
  {
    head: texts.columns.process,
    cell: ({ processId }) => <code title={processId}>{processId.slice(-8)}</code>,
    width: '7rem',
    phone: 'none',
  },
  { head: texts.columns.length, cell: ({ bytes }) => texts.length(bytes), width: '6rem', align: 'end', phone: 'none' },
  {
    head: texts.columns.since,
    cell: ({ message }) => <When at={message.createdAt} />,
    width: '7rem',
    align: 'end',
    phone: 'none',
  },
  {
    head: texts.columns.last,
    cell: ({ appendedAt }) => <When at={appendedAt} />,
    width: '7rem',
    align: 'end',
    phone: 'end',
  },
]

/** How often the list is read again, in milliseconds: texts begin, grow and end within seconds. */
const refetchMs = 3000

/** The texts that are being written in a service. */
export default function Streams() {
  const url = useUrl()
  const serviceId = useServiceId()
  return (
    <Page title={texts.title} says={texts.says}>
      <Filters>
        <TextFilter name="channel" label={texts.filters.channel} placeholder={texts.channelPlaceholder} />
        <ClearFilters names={['channel']} />
      </Filters>
      <List
        label={texts.title}
        document={StreamsDocument}
        variables={{ serviceId, channelId: url.get('channel') }}
        pick={pick}
        rowId={({ message }) => message.id}
        columns={columns}
        empty={texts.empty}
        filters={['channel']}
        refetchMs={refetchMs}
        detail={(id, close) => <StreamDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}

const pick = ({ messageStreams }: StreamsQuery) => messageStreams
