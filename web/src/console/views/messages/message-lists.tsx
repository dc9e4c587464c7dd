import {
  MessageReadersDocument,
  MessageReceiversDocument,
  MessageRepliesDocument,
  MessageVersionsDocument,
} from '../../generated/messages.ts'
import { PlainText } from '../../kit/plain-text.tsx'
import { SubList } from '../../kit/sub-list.tsx'
import { To } from '../../kit/to.tsx'
import { When } from '../../kit/when.tsx'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import type { Message } from './message.ts'

const shownCharacters = 140

/** What the message was before its edits. */
export function Versions({ id }: { readonly id: string }) {
  return (
    <SubList
      title={texts.versions}
      name="versions"
      owner={id}
      document={MessageVersionsDocument}
      variables={{ id }}
      pick={({ message }) => message?.edits}
      rowId={({ version }) => String(version)}
      row={({ body, writtenBy, writtenAt }) => (
        <>
          <PlainText text={body} />
          <span className="aside">
            <bdi>{writtenBy}</bdi>, <When at={writtenAt} />
          </span>
        </>
      )}
      empty={texts.noVersions}
    />
  )
}

/** The thread of the message. */
export function Replies({ id, channelId }: { readonly id: string; readonly channelId: string }) {
  return (
    <SubList
      title={texts.thread}
      name="thread"
      owner={id}
      document={MessageRepliesDocument}
      variables={{ id }}
      pick={({ message }) => message?.replies}
      rowId={({ id: replyId }) => replyId}
      row={({ id: replyId, index, body, authorIdentity, createdAt }) => (
        <>
          <To path="/messages" params={{ channel: channelId, at: String(index), replies: 'all', open: replyId }}>
            <bdi>{body.slice(0, shownCharacters) || texts.emptyText}</bdi>
          </To>
          <span className="aside">
            <bdi>{authorIdentity}</bdi>, <When at={createdAt} />
          </span>
        </>
      )}
      empty={texts.noReplies}
    />
  )
}

/** Who has received and who has read the message, where the service reports it. */
export function Receipts({ message: { id, channel, deliveredCount, readCount } }: { readonly message: Message }) {
  if (deliveredCount === null) {
    return (
      <section>
        <h3>{texts.receipts}</h3>
        <p className="receipts none">{texts.noReceipts}</p>
      </section>
    )
  }
  const row = (member: { readonly id: string; readonly identity: string }) => (
    <To path="/members" params={{ channel: channel.id, open: member.id }}>
      <bdi>{member.identity}</bdi>
    </To>
  )
  return (
    <>
      <h3>{texts.receipts}</h3>
      <p className="receipts">{texts.receiptsSays(deliveredCount, readCount ?? 0)}</p>
      {readCount !== null && (
        <SubList
          title={texts.readBy}
          name="readers"
          owner={id}
          document={MessageReadersDocument}
          variables={{ id }}
          pick={({ message }) => message?.readBy}
          rowId={(member) => member.id}
          row={row}
          empty={texts.nobodyRead}
        />
      )}
      <SubList
        title={texts.deliveredTo}
        name="receivers"
        owner={id}
        document={MessageReceiversDocument}
        variables={{ id }}
        pick={({ message }) => message?.deliveredTo}
        rowId={(member) => member.id}
        row={row}
        empty={texts.nobodyReceived}
      />
    </>
  )
}
