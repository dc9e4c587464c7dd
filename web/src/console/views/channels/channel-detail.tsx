import {
  ChannelItemDocument,
  DeleteChannelItemDocument,
  FreezeChannelItemDocument,
  UnfreezeChannelItemDocument,
} from '../../generated/channels.ts'
import type { ChannelItemFieldsFragment } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Links } from '../../kit/links.tsx'
import { channelKind, channelName } from '../../kit/names.ts'
import { JsonView, PlainText } from '../../kit/plain-text.tsx'
import { Sid } from '../../kit/sid.tsx'
import { State } from '../../kit/state.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { channelsTexts as texts } from '../../texts/en/channels.ts'

/** One channel. */
export function ChannelDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(ChannelItemDocument, { id })
  const channel = data.data?.channel
  return (
    <Detail
      title={channel ? channelName(channel) : texts.title}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={channel && <ChannelActions channel={channel} onClose={onClose} />}
    >
      <Loaded from={data} height="22rem">
        {({ channel: read }) => (read ? <ChannelFacts channel={read} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function ChannelFacts({ channel }: { readonly channel: ChannelItemFieldsFragment }) {
  const { id, lastMessage, isFrozen } = channel
  const of = { channel: id }
  return (
    <>
      <Facts>
        {channel.uniqueName !== null && <Fact name={texts.uniqueName}>{channel.uniqueName}</Fact>}
        <Fact name={texts.type}>{channelKind(channel)}</Fact>
        <Fact name={texts.columns.state}>
          <State kind={isFrozen ? 'wait' : 'good'} words={isFrozen ? texts.frozen : texts.open} />
        </Fact>
        <Fact name={texts.members}>
          <To path="/members" params={of}>
            {channel.membersCount.toLocaleString('en')}
          </To>
        </Fact>
        <Fact name={texts.messages}>
          <To path="/messages" params={of}>
            {channel.messagesCount.toLocaleString('en')}
          </To>
        </Fact>
        {channel.firstIndex > 0 && <Fact name={texts.firstIndex}>{channel.firstIndex.toLocaleString('en')}</Fact>}
        <Fact name={texts.lastMessage}>
          {lastMessage ? (
            <>
              <To path="/messages" params={{ ...of, at: String(lastMessage.index), open: lastMessage.id }}>
                <bdi>{lastMessage.authorIdentity}</bdi>, <When at={lastMessage.createdAt} />
              </To>
              <PlainText text={lastMessage.body.slice(0, shownCharacters)} />
            </>
          ) : (
            <span className="none">{texts.noMessage}</span>
          )}
        </Fact>
        <Fact name={texts.by}>{channel.createdBy}</Fact>
        <Fact name={texts.columns.made}>
          <When at={channel.createdAt} />
        </Fact>
        <Fact name={texts.changed}>
          <When at={channel.updatedAt} />
        </Fact>
        <Fact name={texts.data}>
          <JsonView value={channel.attributes} />
        </Fact>
      </Facts>
      <h3>{texts.links}</h3>
      <Links>
        <To path="/members" params={of}>
          {texts.members}
        </To>
        <To path="/messages" params={of}>
          {texts.messages}
        </To>
        <To path="/invites" params={of}>
          {texts.invites}
        </To>
        <To path="/pending" params={of}>
          {texts.pending}
        </To>
      </Links>
    </>
  )
}

/** Of the last message. */
const shownCharacters = 280

function ChannelActions({
  channel,
  onClose,
}: {
  readonly channel: ChannelItemFieldsFragment
  readonly onClose: () => void
}) {
  const { id, isFrozen, membersCount, messagesCount } = channel
  const name = channelName(channel)
  return (
    <>
      <DialogButton label={texts.edit} load={() => import('./edit-channel.tsx')} props={{ channel }} />
      {isFrozen ? (
        <ChangeButton
          label={texts.unfreeze}
          document={UnfreezeChannelItemDocument}
          variables={{ input: { channelId: id } }}
          ask={{ title: texts.unfreezeTitle(name), says: texts.unfreezeSays }}
          done={texts.unfrozenNow}
        />
      ) : (
        <ChangeButton
          label={texts.freeze}
          document={FreezeChannelItemDocument}
          variables={{ input: { channelId: id } }}
          ask={{ title: texts.freezeTitle(name), says: texts.freezeSays }}
          done={texts.frozenNow}
        />
      )}
      <DialogButton label={texts.truncate} load={() => import('./truncate-channel.tsx')} props={{ channel }} />
      <ChangeButton
        label={texts.delete}
        document={DeleteChannelItemDocument}
        variables={{ input: { channelId: id } }}
        ask={{
          title: texts.deleteTitle(name),
          says: texts.deleteSays(membersCount, messagesCount),
          phrase: channel.uniqueName ?? channel.friendlyName ?? id,
        }}
        done={texts.deleted}
        onDone={onClose}
      />
    </>
  )
}
