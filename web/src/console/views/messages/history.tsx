import { MessageRowsDocument } from '../../generated/messages.ts'
import type { MessageRowFieldsFragment } from '../../generated/types.ts'
import { bulkJob } from '../../kit/bulk-job.tsx'
import type { ChannelHead } from '../../kit/channel-param.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { channelName } from '../../kit/names.ts'
import { To } from '../../kit/to.tsx'
import { useUrl } from '../../kit/url.ts'
import { Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { bulkTexts } from '../../texts/en/bulk.ts'
import { kitTexts } from '../../texts/en/kit.ts'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import { useJump } from './jump.ts'
import { MessageDetail } from './message-detail.tsx'
import { RowText } from './row.tsx'

const columns: readonly Column<MessageRowFieldsFragment>[] = [
  { head: texts.columns.index, cell: ({ index }) => index.toLocaleString('en'), width: '6rem', phone: 'end' },
  { head: texts.columns.author, cell: ({ authorIdentity }) => <bdi>{authorIdentity}</bdi>, width: '9rem' },
  { head: texts.columns.text, cell: (message) => <RowText message={message} /> },
  {
    head: texts.columns.sent,
    cell: ({ createdAt }) => <When at={createdAt} />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

/** The messages of a channel by index: at first its newest, or those around the place to jump to. */
export function History({ channel }: { readonly channel: ChannelHead }) {
  const url = useUrl()
  const jump = useJump(channel.id, url.get('at'))
  const isPlaced = url.get('after') !== undefined || url.get('before') !== undefined
  const around = !isPlaced && jump.state === 'there' ? jump.around : undefined
  const includeReplies = url.get('replies') === 'all'
  return (
    <>
      <div className="of-channel">
        <h2>
          <bdi>{channelName(channel)}</bdi>
        </h2>
        <To path="/channels" params={{ open: channel.id }}>
          {texts.toChannel}
        </To>
        <To path="/members" params={{ channel: channel.id }}>
          {texts.toMembers}
        </To>
      </div>
      {jump.state === 'reading' && <p className="waiting">{kitTexts.loading}</p>}
      {jump.state === 'wrong' && <Nothing>{jump.says}</Nothing>}
      {(jump.state === 'none' || jump.state === 'there') && (
        <List
          label={texts.titleOf(channelName(channel))}
          document={MessageRowsDocument}
          variables={{ channelId: channel.id, ...(around && { around }), ...(includeReplies && { includeReplies }) }}
          pick={({ channel: read }) => read?.messages}
          rowId={({ id }) => id}
          columns={columns}
          empty={texts.empty}
          begins={around ? 'start' : 'end'}
          shows={({ index }) => around?.index === index}
          bulk={bulkJob<MessageRowFieldsFragment>(
            bulkTexts.messages,
            ({ index, authorIdentity }) => `${index} (${authorIdentity})`,
            ({ ids }) => ({ deleteMessages: { channelId: channel.id, messageIds: ids } }),
            { serviceId: channel.serviceId },
          )}
          detail={(id, close) => <MessageDetail key={id} id={id} onClose={close} />}
        />
      )}
    </>
  )
}
