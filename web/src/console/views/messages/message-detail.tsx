import {
  DeleteMessageItemDocument,
  MessageItemDocument,
  PinMessageItemDocument,
  UnpinMessageItemDocument,
} from '../../generated/messages.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Links } from '../../kit/links.tsx'
import { PlainText } from '../../kit/plain-text.tsx'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import { MessageFacts } from './message-facts.tsx'
import { Receipts, Replies, Versions } from './message-lists.tsx'
import type { Message } from './message.ts'

/** One message, and what was added to it. */
export function MessageDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(MessageItemDocument, { id })
  const message = data.data?.message
  return (
    <Detail
      title={message ? texts.detailTitle(message.index) : texts.title}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={message?.deletedAt === null && <MessageActions message={message} onClose={onClose} />}
    >
      <Loaded from={data} height="24rem">
        {({ message: read }) => (read ? <Whole message={read} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function Whole({ message }: { readonly message: Message }) {
  const { id, channel, index, body, deletedAt, version, replyCount } = message
  return (
    <>
      <div className="message-text">
        {deletedAt === null ? <PlainText text={body} /> : <p className="none">{texts.deletedMessage}</p>}
      </div>
      <MessageFacts message={message} />
      <Links>
        <To path="/messages" params={{ channel: channel.id, at: String(index), open: id }}>
          {texts.inHistory}
        </To>
        <To path="/roles" params={{ action: 'DELETE_MESSAGE', message: id, identity: message.authorIdentity }}>
          {texts.may}
        </To>
      </Links>
      {version > 1 && <Versions id={id} />}
      {replyCount > 0 && <Replies id={id} channelId={channel.id} />}
      <Receipts message={message} />
    </>
  )
}

function MessageActions({ message, onClose }: { readonly message: Message; readonly onClose: () => void }) {
  const { id, pinnedAt } = message
  const input = { input: { messageId: id } }
  return (
    <>
      <DialogButton label={texts.edit} load={() => import('./edit-message.tsx')} props={{ message }} />
      {pinnedAt === null ? (
        <ChangeButton label={texts.pin} document={PinMessageItemDocument} variables={input} done={texts.pinDone} />
      ) : (
        <ChangeButton
          label={texts.unpin}
          document={UnpinMessageItemDocument}
          variables={input}
          done={texts.unpinDone}
        />
      )}
      <ChangeButton
        label={texts.delete}
        document={DeleteMessageItemDocument}
        variables={input}
        ask={{ title: texts.deleteTitle, says: texts.deleteSays }}
        done={texts.deleted}
        onDone={onClose}
      />
    </>
  )
}
