import { ChannelRowsDocument } from '../../generated/channels.ts'
import type {
  ChannelJobFilter,
  ChannelOrder,
  ChannelRowFieldsFragment,
  ChannelRowsQueryVariables,
} from '../../generated/types.ts'
import { bulkJob } from '../../kit/bulk-job.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelKind, channelName } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { useSidFilter } from '../../kit/sid-filter.ts'
import { State } from '../../kit/state.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { bulkTexts } from '../../texts/en/bulk.ts'
import { channelsTexts as texts } from '../../texts/en/channels.ts'
import { ChannelDetail } from './channel-detail.tsx'

const columns: readonly Column<ChannelRowFieldsFragment>[] = [
  { head: texts.columns.name, cell: (channel) => <bdi>{channelName(channel)}</bdi> },
  { head: texts.columns.kind, cell: channelKind, width: '6rem' },
  {
    head: texts.columns.members,
    cell: ({ membersCount }) => membersCount.toLocaleString('en'),
    width: '6rem',
    align: 'end',
    phone: 'none',
  },
  {
    head: texts.columns.messages,
    cell: ({ messagesCount }) => messagesCount.toLocaleString('en'),
    width: '7rem',
    align: 'end',
    phone: 'end',
  },
  { head: texts.columns.state, cell: ({ isFrozen }) => <ChannelState isFrozen={isFrozen} />, width: '6rem' },
  {
    head: texts.columns.made,
    cell: ({ createdAt }) => <When at={createdAt} />,
    width: '8rem',
    align: 'end',
    phone: 'none',
  },
]

function ChannelState({ isFrozen }: { readonly isFrozen: boolean }) {
  return <State kind={isFrozen ? 'wait' : 'good'} words={isFrozen ? texts.frozen : texts.open} />
}

const orders: Readonly<Record<string, ChannelOrder>> = {
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  changed: { field: 'UPDATED_AT', direction: 'DESC' },
  name: { field: 'NAME', direction: 'ASC' },
}

/** What there is an index for: a name has its own order, and types and frozen channels are in the order in which they were made. */
function variablesOf(get: (name: string) => string | undefined): ChannelRowsQueryVariables {
  const [name, show, order] = [get('q'), get('show'), get('order')]
  if (name !== undefined) return { filter: { name } }
  if (show === 'frozen') return { filter: { onlyFrozen: true } }
  if (show === 'public' || show === 'private') return { types: [show === 'public' ? 'PUBLIC' : 'PRIVATE'] }
  const orderBy = orders[order ?? '']
  return orderBy ? { orderBy } : {}
}

/** What a job has to be told so that it finds the same; undefined where the list has no filter. */
function jobFilterOf({ filter, types }: ChannelRowsQueryVariables): ChannelJobFilter | undefined {
  if (filter?.name != null) return { name: filter.name }
  if (filter?.onlyFrozen) return { onlyFrozen: true }
  return types ? { types: [types].flat() } : undefined
}

/** The channels of the service. */
export default function Channels() {
  const url = useUrl()
  const serviceId = useServiceId()
  useSidFilter('q', 'CH')
  const isNamed = url.get('q') !== undefined
  const filter = jobFilterOf(variablesOf(url.get))
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <DialogButton
          kind="main"
          label={texts.create}
          load={() => import('./create-channel.tsx')}
          props={{ serviceId }}
        />
      }
    >
      <Filters>
        <TextFilter name="q" label={texts.find} placeholder={texts.findPlaceholder} />
        {!isNamed && <ChoiceFilter name="show" label={texts.show} choices={texts.shows} />}
        {!isNamed && url.get('show') === undefined && (
          <ChoiceFilter name="order" label={texts.order} all={texts.oldest} choices={texts.orders} />
        )}
        <ClearFilters names={['q', 'show', 'order']} />
      </Filters>
      <List
        label={texts.title}
        document={ChannelRowsDocument}
        variables={{ ...(serviceId !== undefined && { serviceId }), ...variablesOf(url.get) }}
        pick={({ channels }) => channels}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        filters={['q', 'show']}
        bulk={bulkJob<ChannelRowFieldsFragment>(
          bulkTexts.channels,
          channelName,
          ({ ids, isAll }) => ({ deleteChannels: isAll && filter ? { filter } : { channelIds: ids } }),
          { hasAll: filter !== undefined },
        )}
        detail={(id, close) => <ChannelDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}
