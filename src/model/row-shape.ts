import type { Channel } from './channel.ts'
import type { Draft } from './draft.ts'
import type { Invite } from './invite.ts'
import type { Member } from './member.ts'
import type { MessageContent } from './message-content.ts'
import type { Message, MessageExtras } from './message.ts'
import type { ReactionCount } from './reaction.ts'
import type { SavedMessage } from './saved-message.ts'
import type { ScheduledMessage } from './scheduled-message.ts'
import { isDate, isFlag, isNumber, isObject, isText, listOf, optional, orNull, row, type Check } from './shape.ts'
import type { FollowedThread } from './thread.ts'
import type { User } from './user.ts'

/*
 * The rows that hints contain, as this version needs them. A field that is new must be `optional`, and mean nothing where it is left out, or else rows from
 * processes of the last version are read from the store during an upgrade.
 */

const reactionCount = row<ReactionCount>({ reaction: isText, count: isNumber })

const extras = row<MessageExtras>({
  messageSeq: optional(isNumber),
  channelId: isText,
  index: isNumber,
  seq: isNumber,
  pinSeq: isNumber,
  pinnedAt: orNull(isDate),
  pinnedBy: orNull(isText),
  reactionsSeq: isNumber,
  reactions: listOf(reactionCount),
  threadSeq: isNumber,
  replyCount: isNumber,
  lastReplyIndex: orNull(isNumber),
  lastReplyAt: orNull(isDate),
  repliers: listOf(isText),
})

export const message: Check = row<Message>({
  channelId: isText,
  index: isNumber,
  id: isText,
  seq: isNumber,
  addedSeq: orNull(isNumber),
  author: isText,
  body: isText,
  attributes: isText,
  clientMessageId: orNull(isText),
  createdAt: isDate,
  updatedAt: isDate,
  lastUpdatedBy: orNull(isText),
  version: orNull(isNumber),
  editedAt: orNull(isDate),
  deletedAt: orNull(isDate),
  parentIndex: optional(isNumber),
  isSilent: optional(isFlag),
  quotedId: optional(isText),
  mentions: optional(listOf(isText)),
  mentionsChannel: optional(isFlag),
  streamState: optional(isText),
  streamEndedSeq: optional(isNumber),
  hiddenRun: optional(isNumber),
  parent: (value) => value == null || message(value),
  quoted: (value) => value == null || message(value),
  extras: optional(extras),
})

export const messageWithExtras: Check = (value) => isObject(value) && isObject(value['extras']) && message(value)

export const member = row<Member>({
  channelId: isText,
  id: isText,
  userId: isText,
  identity: isText,
  roleId: isText,
  lastReadIndex: orNull(isNumber),
  lastReadAt: orNull(isDate),
  joinedIndex: isNumber,
  receiptIndex: isNumber,
  unreadFrom: orNull(isNumber),
  unreadMarkedIndex: orNull(isNumber),
  seq: isNumber,
  joinedSeq: isNumber,
  userSeq: isNumber,
  createdAt: isDate,
  updatedAt: isDate,
  leftAt: orNull(isDate),
})

export const channel = row<Channel>({
  id: isText,
  serviceId: isText,
  uniqueName: orNull(isText),
  friendlyName: orNull(isText),
  type: isText,
  attributes: isText,
  createdBy: isText,
  membersCount: isNumber,
  messagesCount: isNumber,
  lastIndex: isNumber,
  lastSeq: isNumber,
  seq: isNumber,
  lastLeftSeq: isNumber,
  lastMessageAt: orNull(isDate),
  hiddenReplyIndex: orNull(isNumber),
  shownIndex: orNull(isNumber),
  firstIndex: isNumber,
  truncatedSeq: isNumber,
  truncatedAt: orNull(isDate),
  purgedIndex: isNumber,
  isFrozen: isFlag,
  directKey: orNull(isText),
  createdAt: isDate,
  updatedAt: isDate,
  deletedAt: orNull(isDate),
})

export const user = row<User>({
  id: isText,
  serviceId: isText,
  identity: isText,
  friendlyName: orNull(isText),
  attributes: isText,
  avatarUrl: orNull(isText),
  statusText: orNull(isText),
  statusEmoji: orNull(isText),
  statusEndsAt: orNull(isDate),
  locale: orNull(isText),
  timeZone: orNull(isText),
  lastSeenAt: orNull(isDate),
  isInvisible: isFlag,
  readReceiptsEnabled: isFlag,
  roleId: isText,
  lastSeq: isNumber,
  seq: isNumber,
  createdAt: isDate,
  updatedAt: isDate,
  deletedAt: orNull(isDate),
})

export const invite = row<Invite>({
  channelId: isText,
  id: isText,
  userId: isText,
  identity: isText,
  roleId: isText,
  createdBy: isText,
  userSeq: isNumber,
  createdAt: isDate,
  updatedAt: isDate,
  removedAt: orNull(isDate),
})

const content = row<MessageContent>({
  body: isText,
  attributes: isText,
  parentId: optional(isText),
  showInChannel: optional(isFlag),
  quotedMessageId: optional(isText),
  silent: optional(isFlag),
  mentions: optional(isObject),
})

export const draft = row<Draft>({
  userId: isText,
  channelId: isText,
  parentId: isText,
  version: isNumber,
  userSeq: isNumber,
  content,
  clientMessageId: isText,
  updatedAt: isDate,
  removedAt: orNull(isDate),
})

export const scheduled = row<ScheduledMessage>({
  userId: isText,
  id: isText,
  channelId: isText,
  clientMessageId: orNull(isText),
  version: isNumber,
  userSeq: isNumber,
  content,
  sendAt: isDate,
  state: isText,
  claims: isNumber,
  failureCode: orNull(isText),
  failureReason: orNull(isText),
  messageId: orNull(isText),
  createdAt: isDate,
  updatedAt: isDate,
})

export const saved = row<SavedMessage>({
  userId: isText,
  messageId: isText,
  channelId: isText,
  index: isNumber,
  userSeq: isNumber,
  savedSeq: isNumber,
  savedAt: isDate,
  updatedAt: isDate,
  remindAt: orNull(isDate),
  remindedAt: orNull(isDate),
  removedAt: orNull(isDate),
  message: orNull(message),
})

export const thread = row<FollowedThread>({
  channelId: isText,
  parentIndex: isNumber,
  userId: isText,
  isFollowed: isFlag,
  readIndex: isNumber,
  userSeq: isNumber,
})
