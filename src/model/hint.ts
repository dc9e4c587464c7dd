import type { ChannelHint, DeviceConnected, PresenceHint, Truncation, UserEvent } from './event.ts'
import type { Message } from './message.ts'
import type { Reaction } from './reaction.ts'
import {
  channel,
  draft,
  invite,
  member,
  message,
  messageWithExtras,
  saved,
  scheduled,
  thread,
  user,
} from './row-shape.ts'
import {
  isAbsent,
  isFlag,
  isNumber,
  isObject,
  isSeq,
  isText,
  listOf,
  optional,
  readerOf,
  row,
  type Shapes,
} from './shape.ts'

/**
 * Hints as they come in. While a server is upgraded, processes of two versions publish to each other, so a hint may be of a type that this version does
 * not know, have more fields, or lack some. One that is not known whole is not used: where it has a `seq`, the store knows what it was about. Nothing is
 * copied, since every hint of a busy channel comes by here.
 */

/** A change that this version cannot read from its hint, and does from the store. */
export interface UnreadableChange {
  readonly type: 'unreadable'
  readonly seq: number
}

const ofMessage = { seq: isSeq, message }
const ofMember = { seq: isSeq, member }
const ofChannel = { seq: isSeq, channel }

export const channelHints: Shapes<ChannelHint> = {
  messageAdded: ofMessage,
  messageUpdated: ofMessage,
  messageExtrasUpdated: { seq: isSeq, message: messageWithExtras, since: isNumber },
  reactionsUpdated: {
    seq: isSeq,
    message: messageWithExtras,
    added: listOf(row<Reaction>({ reaction: isText, identity: isText })),
    removed: listOf(row<Reaction>({ reaction: isText, identity: isText })),
  },
  messageFinished: ofMessage,
  messageRemoved: ofMessage,
  memberJoined: ofMember,
  memberUpdated: ofMember,
  memberLeft: ofMember,
  channelUpdated: ofChannel,
  channelRemoved: ofChannel,
  channelTruncated: { seq: isSeq, truncation: row<Truncation>({ seq: isNumber, channel }) },
  typing: {
    seq: isAbsent,
    member,
    parent: optional(row<Pick<Message, 'id' | 'index'>>({ id: isText, index: isNumber })),
    milliseconds: isNumber,
    isAnswer: isFlag,
  },
  typingAsked: { seq: isAbsent },
  receiptsMoved: {
    seq: isAbsent,
    of: (value) => value === 'read' || value === 'delivered',
    memberIds: listOf(isText),
  },
  text: {
    seq: isAbsent,
    messageId: isText,
    index: isNumber,
    epoch: isNumber,
    number: isNumber,
    offset: isNumber,
    text: isText,
  },
  textsAsked: { seq: isAbsent },
}

const ofMembership = { seq: isSeq, channelId: isText, memberId: isText }
const ofInvite = { seq: isSeq, invite }
const ofUser = { seq: isSeq, user }
const ofDraft = { seq: isSeq, draft }
const ofSaved = { seq: isSeq, saved }

/** What comes over the bus: `wentBack` is a feed's own. */
export type PublishedUserHint = UserEvent | DeviceConnected

export const userHints: Shapes<PublishedUserHint> = {
  joined: ofMembership,
  left: ofMembership,
  channelStateChanged: { seq: isSeq, channelId: isText },
  threadChanged: { seq: isSeq, thread },
  inviteAdded: ofInvite,
  inviteRemoved: ofInvite,
  userUpdated: ofUser,
  userDeleted: ofUser,
  draftSaved: ofDraft,
  draftRemoved: ofDraft,
  scheduledMessageChanged: { seq: isSeq, scheduled },
  messageSaved: ofSaved,
  messageUnsaved: ofSaved,
  reminderDue: ofSaved,
  deviceConnected: { seq: isAbsent, deviceId: isText, sessionId: isText },
}

const channelReader = readerOf(channelHints)
const userReader = readerOf(userHints)

/** Undefined is to be ignored. */
export function readChannelHint(payload: unknown): ChannelHint | UnreadableChange | undefined {
  return channelReader(payload) ?? findChange(payload)
}

/** Undefined is to be ignored. */
export function readUserHint(payload: unknown): PublishedUserHint | UnreadableChange | undefined {
  return userReader(payload) ?? findChange(payload)
}

function findChange(payload: unknown): UnreadableChange | undefined {
  const seq = isObject(payload) ? payload['seq'] : undefined
  return isSeq(seq) ? { type: 'unreadable', seq } : undefined
}

/** Undefined is to be ignored. */
export function readPresenceHint(payload: unknown): PresenceHint | undefined {
  return isObject(payload) && isText(payload['identity']) ? (payload as unknown as PresenceHint) : undefined
}
