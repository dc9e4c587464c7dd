import { DeliveriesDocument } from '../../generated/deliveries.ts'
import type { DeliveriesQuery, WebhookDeliveryStatus, WebhookEvent } from '../../generated/types.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { shortSid } from '../../kit/sid.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { eventName, postEvents } from '../../kit/webhook-events.ts'
import { When } from '../../kit/when.tsx'
import { deliveriesTexts as texts } from '../../texts/en/deliveries.ts'
import { DeliveryDetail } from './delivery-detail.tsx'
import { Attempts, DeliveryState, withoutScheme } from './delivery-state.tsx'

type Delivery = NonNullable<DeliveriesQuery['webhookDeliveries']>['nodes'][number]

const columns: readonly Column<Delivery>[] = [
  { head: texts.columns.event, cell: ({ event }) => eventName(event) },
  {
    head: texts.columns.subject,
    cell: ({ subjectId }) => <span title={subjectId}>{shortSid(subjectId)}</span>,
    width: '9rem',
    phone: 'none',
  },
  { head: texts.columns.address, cell: ({ url }) => <span title={url}>{withoutScheme(url)}</span>, phone: 'none' },
  { head: texts.columns.status, cell: (delivery) => <DeliveryState delivery={delivery} />, width: '11rem' },
  { head: texts.columns.attempts, cell: (delivery) => <Attempts delivery={delivery} />, width: '9rem' },
  {
    head: texts.columns.at,
    cell: ({ createdAt }) => <When at={createdAt} />,
    width: '7rem',
    align: 'end',
    phone: 'end',
  },
]

const filters = ['status', 'event', 'subject']

/** How often the list is read again, in milliseconds: deliveries come and are settled all the time. */
const refetchMs = 5000

/** The webhook deliveries of a service. */
export default function Deliveries() {
  const url = useUrl()
  const serviceId = useServiceId()
  const variables = {
    serviceId,
    status: url.get('status') as WebhookDeliveryStatus | undefined,
    event: url.get('event') as WebhookEvent | undefined,
    subjectId: url.get('subject'),
  }
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={<DialogButton label={texts.replayMany} load={() => import('./replay-since.tsx')} props={{}} />}
    >
      <Filters>
        <ChoiceFilter name="status" label={texts.filters.status} choices={texts.statuses} />
        <ChoiceFilter name="event" label={texts.filters.event} choices={postEvents} />
        <TextFilter name="subject" label={texts.filters.subject} placeholder={texts.subjectPlaceholder} />
        <ClearFilters names={filters} />
      </Filters>
      <List
        label={texts.title}
        document={DeliveriesDocument}
        variables={variables}
        pick={pick}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        filters={filters}
        refetchMs={refetchMs}
        detail={(id, close) => <DeliveryDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}

const pick = ({ webhookDeliveries }: DeliveriesQuery) => webhookDeliveries
