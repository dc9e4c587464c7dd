import { CancelStreamDocument, FinishStreamDocument, StreamDocument } from '../../generated/streams.ts'
import type { StreamQuery, StreamState } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { channelName } from '../../kit/names.ts'
import { PlainText } from '../../kit/plain-text.tsx'
import { Sid } from '../../kit/sid.tsx'
import { State, type StateKind } from '../../kit/state.tsx'
import { Thing } from '../../kit/thing.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { streamsTexts as texts } from '../../texts/en/streams.ts'

const kinds: Readonly<Record<StreamState, StateKind>> = {
  STREAMING: 'wait',
  COMPLETED: 'good',
  INTERRUPTED: 'bad',
  CANCELLED: 'off',
}

type Message = NonNullable<StreamQuery['message']>

/** How often a text that is being written is read again, in milliseconds: pieces come all the time. */
const refetchMs = 3000

const isFinal = ({ message }: StreamQuery): boolean => message?.streamState !== 'STREAMING'

/** One text, also once it has ended. */
export function StreamDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(StreamDocument, { id }, { refetchMs, isFinal })
  const isStreaming = data.data?.message?.streamState === 'STREAMING'
  return (
    <Detail title={texts.one} above={<Sid id={id} />} onClose={onClose} actions={isStreaming && <End id={id} />}>
      <Loaded from={data} height="16rem">
        {({ message }) => (message ? <StreamFacts message={message} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function StreamFacts({
  message: { id, body, streamState, authorIdentity, channel, channelId, createdAt },
}: {
  readonly message: Message
}) {
  return (
    <>
      <h3>{texts.text}</h3>
      {body === '' ? <span className="none">{texts.noText}</span> : <PlainText text={body} />}
      <p className="fact-says">{texts.textSays}</p>
      <Facts>
        <Fact name={texts.state}>
          {streamState != null && <State kind={kinds[streamState]} words={texts.states[streamState]} />}
        </Fact>
        <Fact name={texts.columns.author}>{authorIdentity}</Fact>
        <Fact name={texts.columns.channel}>
          <Thing id={channelId}>{channelName(channel)}</Thing>
        </Fact>
        <Fact name={texts.columns.message}>
          <Thing id={id} />
        </Fact>
        <Fact name={texts.columns.since}>
          <When at={createdAt} />
        </Fact>
      </Facts>
    </>
  )
}

function End({ id: messageId }: { readonly id: string }) {
  return (
    <>
      <ChangeButton
        label={texts.finish}
        document={FinishStreamDocument}
        variables={{ input: { messageId } }}
        ask={{ title: texts.finishTitle, says: texts.finishSays }}
        done={texts.finished}
      />
      <ChangeButton
        label={texts.cancel}
        document={CancelStreamDocument}
        variables={{ input: { messageId } }}
        ask={{ title: texts.cancelTitle, says: texts.cancelSays, keep: texts.keep }}
        done={texts.cancelled}
      />
    </>
  )
}
