import { CancelScheduledDocument, ScheduledOneDocument } from '../../generated/scheduled.ts'
import type { ScheduledOneQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { channelName } from '../../kit/names.ts'
import { JsonView, PlainText } from '../../kit/plain-text.tsx'
import { Sid } from '../../kit/sid.tsx'
import { Thing } from '../../kit/thing.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { Moment, When } from '../../kit/when.tsx'
import { scheduledTexts as texts } from '../../texts/en/scheduled.ts'
import { hasText, ScheduledState } from './scheduled-state.tsx'

type Scheduled = NonNullable<ScheduledOneQuery['scheduledMessage']>

/** One scheduled message. */
export function ScheduledDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(ScheduledOneDocument, { id })
  const message = data.data?.scheduledMessage
  return (
    <Detail
      title={texts.one}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={message && (message.state === 'WAITING' || message.state === 'FAILED') && <Cancel message={message} />}
    >
      <Loaded from={data} height="16rem">
        {({ scheduledMessage }) =>
          scheduledMessage ? <ScheduledFacts message={scheduledMessage} /> : <Nothing>{texts.gone}</Nothing>
        }
      </Loaded>
    </Detail>
  )
}

function ScheduledFacts({ message }: { readonly message: Scheduled }) {
  const { state, sendAt, author, channel, channelId, failureCode, failureReason, messageId, createdAt, updatedAt } =
    message
  return (
    <>
      <h3>{texts.columns.text}</h3>
      {hasText(state) ? (
        message.body === '' ? (
          <span className="none">{texts.emptyText}</span>
        ) : (
          <PlainText text={message.body} />
        )
      ) : (
        <p className="none">{texts.noTextSays}</p>
      )}
      <Facts>
        <Fact name={texts.columns.state}>
          <ScheduledState state={state} />
        </Fact>
        {failureCode != null && (
          <Fact name={texts.failure} says={failureReason}>
            <code>{failureCode}</code>
          </Fact>
        )}
        {messageId != null && (
          <Fact name={texts.message}>
            <Thing id={messageId} />
          </Fact>
        )}
        <Fact name={texts.columns.at}>
          <Moment at={sendAt} />
        </Fact>
        <Fact name={texts.columns.author}>
          <Thing id={author.id}>{author.identity}</Thing>
        </Fact>
        <Fact name={texts.columns.channel}>
          {channel ? <Thing id={channelId}>{channelName(channel)}</Thing> : texts.channelGone}
        </Fact>
        <Fact name={texts.created}>
          <When at={createdAt} />
        </Fact>
        <Fact name={texts.updated}>
          <When at={updatedAt} />
        </Fact>
      </Facts>
      <h3>{texts.attributes}</h3>
      <JsonView value={message.attributes} />
    </>
  )
}

/** With the version that is shown: what its author changes meanwhile is not thrown away unseen. */
function Cancel({ message: { id, version, state } }: { readonly message: Scheduled }) {
  const hasFailed = state === 'FAILED'
  return (
    <ChangeButton
      label={hasFailed ? texts.remove : texts.cancel}
      document={CancelScheduledDocument}
      variables={{ input: { scheduledMessageId: id, expectedVersion: version } }}
      ask={
        hasFailed
          ? { title: texts.removeTitle, says: texts.removeSays }
          : { title: texts.cancelTitle, says: texts.cancelSays, keep: texts.keep }
      }
      done={texts.cancelled}
    />
  )
}
