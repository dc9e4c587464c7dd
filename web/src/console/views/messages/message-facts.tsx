import { Fact, Facts } from '../../kit/facts.tsx'
import { channelName } from '../../kit/names.ts'
import { JsonView, PlainText } from '../../kit/plain-text.tsx'
import { To } from '../../kit/to.tsx'
import { When } from '../../kit/when.tsx'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import type { Message } from './message.ts'

/** Of another message that is named. */
const shownCharacters = 140

export function MessageFacts({ message }: { readonly message: Message }) {
  const { channel, author, authorIdentity, parent, quote, mentions, reactions } = message
  return (
    <Facts>
      <Fact name={texts.channel}>
        <To path="/channels" params={{ open: channel.id }}>
          <bdi>{channelName(channel)}</bdi>
        </To>
      </Fact>
      <Fact name={texts.author}>
        {author ? (
          <To path="/users" params={{ open: author.id }}>
            <bdi>{author.friendlyName ?? authorIdentity}</bdi>
          </To>
        ) : (
          <bdi>{authorIdentity}</bdi>
        )}
      </Fact>
      <Fact name={texts.sent}>
        <When at={message.createdAt} />
      </Fact>
      {message.editedAt !== null && (
        <Fact name={texts.editedAt}>
          <When at={message.editedAt} /> {texts.by} <bdi>{message.lastUpdatedBy}</bdi>
        </Fact>
      )}
      {message.deletedAt !== null && (
        <Fact name={texts.deletedAt}>
          <When at={message.deletedAt} />
        </Fact>
      )}
      {message.version > 1 && <Fact name={texts.version}>{message.version.toLocaleString('en')}</Fact>}
      {message.streamState !== null && <Fact name={texts.stream}>{message.streamState.toLowerCase()}</Fact>}
      {message.pinnedAt !== null && (
        <Fact name={texts.pinnedAt}>
          <When at={message.pinnedAt} /> {texts.by} <bdi>{message.pinnedBy}</bdi>
        </Fact>
      )}
      {parent && (
        <Fact name={texts.parent}>
          <Other message={parent} channelId={channel.id} />
        </Fact>
      )}
      {quote && (
        <Fact name={texts.quote}>
          {quote.message ? (
            <Other message={quote.message} channelId={channel.id} />
          ) : (
            <span className="none">{texts.quoteGone}</span>
          )}
        </Fact>
      )}
      {(mentions.channel || mentions.identities.length > 0) && (
        <Fact name={texts.mentions}>
          {[...(mentions.channel ? [texts.wholeChannel] : []), ...mentions.identities].join(', ')}
        </Fact>
      )}
      {reactions.length > 0 && (
        <Fact name={texts.reactions}>
          {reactions.map(({ reaction, count }) => (
            <span key={reaction} className="reaction">
              {reaction} {count.toLocaleString('en')}
            </span>
          ))}
        </Fact>
      )}
      {message.isSilent && (
        <Fact name={texts.silent} says={texts.silentSays}>
          {'✓'}
        </Fact>
      )}
      {message.clientMessageId !== null && <Fact name={texts.clientId}>{message.clientMessageId}</Fact>}
      <Fact name={texts.data}>
        <JsonView value={message.attributes} />
      </Fact>
    </Facts>
  )
}

function Other({
  message: { id, index, authorIdentity, body },
  channelId,
}: {
  readonly message: {
    readonly id: string
    readonly index: number
    readonly authorIdentity: string
    readonly body: string
  }
  readonly channelId: string
}) {
  return (
    <>
      <To path="/messages" params={{ channel: channelId, at: String(index), open: id }}>
        {texts.detailTitle(index)} {texts.by} <bdi>{authorIdentity}</bdi>
      </To>
      <PlainText text={body.slice(0, shownCharacters)} />
    </>
  )
}
