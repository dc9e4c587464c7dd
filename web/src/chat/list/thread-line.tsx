import type { Message, MessageRow } from '@fonechat/client'
import { CornerDownRight } from 'lucide-react'
import { counted, formatNames } from '../../lib/format.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Time } from '../../ui/time.tsx'
import { repliedTo, type ThreadLook } from './look.ts'
import './thread-line.css'

/** How many replies a message has, who wrote them and when the last came; opens its thread. */
export function ThreadLine({ message, threads }: { readonly message: Message; readonly threads: ThreadLook }) {
  const { onOpen, personOf, unreadOf } = threads
  if (!onOpen || !message.replyCount) return null
  const { index, replyCount, lastReplyAt } = message
  const people = message.repliers.map(({ identity }) => personOf(identity))
  const unread = unreadOf(index)
  return (
    <button type="button" className="thread-line" data-thread={index} onClick={() => onOpen(index)}>
      <span className="thread-line-people" aria-hidden="true">
        {people.map((person) => (
          <Avatar key={person.identity} {...person} />
        ))}
      </span>
      <b>{counted(replyCount, 'reply', 'replies')}</b>
      <span className="unseen">{` by ${formatNames(people.map(({ name }) => name))}`}</span>
      {unread > 0 && <span className="thread-line-unread">{`${unread} new`}</span>}
      {lastReplyAt !== null && (
        <span className="thread-line-last">
          last <Time at={lastReplyAt} short />
        </span>
      )}
    </button>
  )
}

/** Of a reply that the channel shows, too: to which thread it belongs. */
export function InThread({ row, threads }: { readonly row: MessageRow; readonly threads: ThreadLook }) {
  const { onOpen } = threads
  const index = repliedTo(row)
  if (!onOpen || index === undefined) return null
  return (
    <button type="button" className="in-thread" onClick={() => onOpen(index)}>
      <CornerDownRight size={12} aria-hidden="true" /> replied in a thread
    </button>
  )
}
