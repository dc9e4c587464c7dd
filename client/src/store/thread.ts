import type { MessageFieldsFragment } from '../graphql/generated/types.ts'
import type { Change, ThreadChange } from './change.ts'
import type { Interval, Message } from './state.ts'

/** What a message becomes that has replies, in lists: shown as deleted while it has any, and gone with the last of them. */
export const isGone = ({ deletedAt, replyCount }: Message): boolean => deletedAt != null && replyCount === 0

/** A message with what its replies have led to. */
export function applyThread(message: Message, { parent }: ThreadChange): Message {
  const { revision: threadAt, replyCount, lastReplyAt, repliers } = parent
  if (threadAt <= (message.threadAt ?? message.revision)) return message
  return { ...message, replyCount, lastReplyAt, repliers, threadAt }
}

/** A newer reading of a message may be older than what was heard of its replies. */
export function withThread(news: Message, { threadAt, replyCount, lastReplyAt, repliers }: Message): Message {
  return threadAt !== undefined && threadAt > (news.threadAt ?? news.revision)
    ? { ...news, replyCount, lastReplyAt, repliers, threadAt }
    : news
}

/** That a message was read or has come. What the channel does not show is in none of its lists and counts. */
export function messageChange(
  message: Message,
  covered: Interval | null = null,
): Extract<Change, { kind: 'messages' | 'reply' }> {
  const { channelId } = message
  return message.isShownInChannel === false
    ? { kind: 'reply', channelId, message }
    : { kind: 'messages', channelId, messages: [message], covered }
}

/** That a message was deleted. One that has replies stays, without what it said. */
export function removalChange(message: MessageFieldsFragment): Extract<Change, { kind: 'messageRemoved' }> {
  const { channelId, index, revision, authorIdentity, isSilent } = message
  return {
    kind: 'messageRemoved',
    channelId,
    index,
    revision,
    authorIdentity,
    isSilent,
    ...(!message.isShownInChannel && { isHidden: true }),
    ...(message.replyCount > 0 && { left: message }),
  }
}
