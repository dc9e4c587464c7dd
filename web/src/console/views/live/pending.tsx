import { BacklogsDocument } from '../../generated/live.ts'
import type { BacklogRowFragment, BacklogsQuery } from '../../generated/types.ts'
import { ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { liveTexts } from '../../texts/en/live.ts'
import { PendingDetail } from './pending-detail.tsx'
import { PendingCount } from './pending-words.tsx'

const texts = liveTexts.pending

const filters = ['channel', 'user']

const columns: readonly Column<BacklogRowFragment>[] = [
  { head: texts.columns.who, cell: ({ identity }) => <bdi>{identity}</bdi> },
  { head: texts.columns.device, cell: ({ deviceId }) => deviceId ?? <span className="none">{texts.anyDevice}</span> },
  { head: texts.columns.channel, cell: ({ channel }) => <bdi>{channelName(channel)}</bdi> },
  { head: texts.columns.count, cell: (backlog) => <PendingCount of={backlog} />, width: '9rem' },
  {
    head: texts.columns.seen,
    cell: ({ lastSeenAt }) => <When at={lastSeenAt} />,
    width: '8rem',
    align: 'end',
    phone: 'none',
  },
  {
    head: texts.columns.since,
    cell: ({ oldestAt }) => <When at={oldestAt} none="–" />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

/** In the list of one channel all rows would say the same. */
const columnsOfChannel = columns.filter(({ head }) => head !== texts.columns.channel)

/** Of a row; a member and a device may be in many channels. */
const rowId = ({ channel, userId, deviceId }: BacklogRowFragment): string =>
  [channel.id, userId, deviceId ?? ''].join(':')

/** How often the list is read again, in milliseconds: devices confirm by themselves, and counting what waits takes the database a while. */
const refetchMs = 15_000

/** Who has not received what. */
export default function Pending() {
  const url = useUrl()
  const serviceId = useServiceId()
  const [channelId, userId] = [url.get('channel'), url.get('user')]
  const isOfService = channelId === undefined && userId === undefined
  return (
    <Page title={texts.title} says={isOfService ? `${texts.says} ${texts.order}` : texts.says}>
      <Filters>
        <TextFilter name="channel" label={texts.channel} placeholder={texts.channelPlaceholder} />
        <TextFilter name="user" label={texts.user} placeholder={texts.userPlaceholder} />
        <ClearFilters names={filters} />
      </Filters>
      <List
        label={texts.title}
        document={BacklogsDocument}
        variables={{ serviceId: serviceId ?? null, channelId: channelId ?? null, userId: userId ?? null }}
        pick={pick}
        rowId={rowId}
        columns={channelId === undefined ? columns : columnsOfChannel}
        empty={url.get('after') === undefined ? texts.empty : texts.emptyPage}
        refetchMs={refetchMs}
        isForwardOnly
        detail={(id, close) => <PendingDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}

const pick = ({ deliveryBacklogs }: BacklogsQuery) => deliveryBacklogs
