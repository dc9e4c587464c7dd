import { FoundMessagesDocument } from '../../generated/messages.ts'
import type { FoundMessagesQuery, FoundMessagesQueryVariables } from '../../generated/types.ts'
import type { ChannelHead } from '../../kit/channel-param.tsx'
import { onlyForward, type Connection } from '../../kit/connection.ts'
import { List, type Column, type PageVariables } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { When } from '../../kit/when.tsx'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import { MessageDetail } from './message-detail.tsx'
import { RowText } from './row.tsx'

type Row = NonNullable<FoundMessagesQuery['searchMessages']>['edges'][number]

const columns: readonly Column<Row>[] = [
  {
    head: texts.columns.channel,
    cell: ({ node: { channel } }) => <bdi>{channelName(channel)}</bdi>,
    width: '11rem',
  },
  { head: texts.columns.author, cell: ({ node }) => <bdi>{node.authorIdentity}</bdi>, width: '9rem' },
  { head: texts.columns.text, cell: ({ node, highlights }) => <RowText message={node} highlights={highlights} /> },
  {
    head: texts.columns.sent,
    cell: ({ node }) => <When at={node.createdAt} />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

/** A search goes on, and not back: the browser's own way leads to what was shown before. */
const pick = ({ searchMessages }: FoundMessagesQuery): Connection<Row> | null =>
  searchMessages && (onlyForward({ nodes: searchMessages.edges, pageInfo: searchMessages.pageInfo }) ?? null)

/** The messages that have the words, in one channel or in the whole service. */
export function Found({ query, channel }: { readonly query: string; readonly channel?: ChannelHead }) {
  const url = useUrl()
  const serviceId = useServiceId()
  return (
    <List<Row, FoundMessagesQuery, FoundMessagesQueryVariables & PageVariables>
      label={texts.title}
      document={FoundMessagesDocument}
      variables={{
        query,
        orderBy: url.get('order') === 'recent' ? 'RECENT' : 'RELEVANCE',
        ...(channel
          ? { serviceId: channel.serviceId, filter: { channelIds: [channel.id] } }
          : { ...(serviceId !== undefined && { serviceId }) }),
      }}
      pick={pick}
      rowId={({ node }) => node.id}
      columns={columns}
      empty={texts.nothingFound}
      detail={(id, close) => <MessageDetail key={id} id={id} onClose={close} />}
    />
  )
}
