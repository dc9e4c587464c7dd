import { EndpointsDocument } from '../../generated/endpoints.ts'
import type { EndpointsQuery } from '../../generated/types.ts'
import { wholeList } from '../../kit/connection.ts'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { useServiceId } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { endpointsTexts as texts } from '../../texts/en/endpoints.ts'
import { EndpointDetail } from './endpoint-detail.tsx'
import { EndpointState, type Endpoint } from './endpoint.tsx'

const columns: readonly Column<Endpoint>[] = [
  { head: texts.columns.address, cell: ({ url }) => <span title={url}>{url}</span> },
  { head: texts.columns.events, cell: ({ events }) => texts.eventCount(events.length), width: '6rem', phone: 'none' },
  { head: texts.columns.waiting, cell: ({ waiting, queues }) => texts.waiting(waiting, queues), width: '11rem' },
  {
    head: texts.columns.since,
    cell: ({ waitingSince }) => <When at={waitingSince} none={texts.nothing} />,
    width: '7rem',
    phone: 'none',
  },
  {
    head: texts.columns.state,
    cell: (endpoint) => <EndpointState endpoint={endpoint} />,
    width: '11rem',
    phone: 'end',
    align: 'end',
  },
]

/** How often the list is read again, in milliseconds: what waits for an address changes by itself. */
const refetchMs = 5000

/** The addresses of a service's webhooks. */
export default function Endpoints() {
  const serviceId = useServiceId()
  return (
    <Page title={texts.title} says={texts.says}>
      <List
        label={texts.title}
        document={EndpointsDocument}
        variables={{ serviceId }}
        pick={pick}
        rowId={({ url }) => url}
        columns={columns}
        empty={texts.empty}
        size={null}
        refetchMs={refetchMs}
        detail={(url, close) => <EndpointDetail key={url} url={url} onClose={close} />}
      />
    </Page>
  )
}

const pick = ({ webhookEndpoints }: EndpointsQuery) => wholeList(webhookEndpoints)
