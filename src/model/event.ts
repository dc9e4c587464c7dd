import type { Channel } from './channel.ts'
import type { Draft } from './draft.ts'
import type { Invite } from './invite.ts'
import type { Member } from './member.ts'
import type { Message, MessageExtras } from './message.ts'
import type { Reaction } from './reaction.ts'
import type { Receipt } from './receipt.ts'
import type { SavedMessage } from './saved-message.ts'
import type { ScheduledMessage } from './scheduled-message.ts'
import type { ChannelId, MemberId, MessageId } from './sid.ts'
import type { FollowedThread } from './thread.ts'
import type { User } from './user.ts'

/**
 * Everything that can happen in a channel. A durable event has taken the channel's next `seq` and is stored; a passing one (typing, receipts)
 * is delivered to present subscribers and stored nowhere.
 */
export type ChannelEvent = DurableEvent | PassingEvent

export type DurableEvent =
  | { readonly type: 'messageAdded'; readonly seq: number; readonly message: Message }
  | { readonly type: 'messageUpdated'; readonly seq: number; readonly message: Message }
  | MessageExtrasUpdated
  | ReactionsUpdated
  | { readonly type: 'messageFinished'; readonly seq: number; readonly message: Message }
  | { readonly type: 'messageRemoved'; readonly seq: number; readonly message: Message }
  | { readonly type: 'memberJoined'; readonly seq: number; readonly member: Member }
  | { readonly type: 'memberUpdated'; readonly seq: number; readonly member: Member }
  | { readonly type: 'memberLeft'; readonly seq: number; readonly member: Member }
  | { readonly type: 'channelUpdated'; readonly seq: number; readonly channel: Channel }
  | { readonly type: 'channelRemoved'; readonly seq: number; readonly channel: Channel }
  | { readonly type: 'channelTruncated'; readonly seq: number; readonly truncation: Truncation }

/** What others have added to a message has changed. */
export interface MessageExtrasUpdated {
  readonly type: 'messageExtrasUpdated'
  readonly seq: number
  readonly message: Message & { readonly extras: MessageExtras }
  /** It tells of what was added after this `seq`. */
  readonly since: number
}

/** Users have added reactions to a message, or taken theirs away. */
export interface ReactionsUpdated {
  readonly type: 'reactionsUpdated'
  readonly seq: number
  readonly message: Message & { readonly extras: MessageExtras }
  readonly added: readonly Reaction[]
  readonly removed: readonly Reaction[]
}

/** Messages below the channel's `firstIndex` are gone. */
export interface Truncation {
  readonly seq: number
  readonly channel: Channel
}

export type PassingEvent = TypingEvent | ReceiptsEvent | MessageAppendedEvent

/** The text of a message that streams is, from the offset on, this one. */
export interface MessageAppendedEvent {
  readonly type: 'messageAppended'
  readonly seq?: undefined
  readonly messageId: MessageId
  readonly index: number
  /** In UTF-16 code units, and never within a pair. */
  readonly offset: number
  readonly text: string
  /** All that its readers have with it. */
  readonly whole: string
}

export interface TypingEvent {
  readonly type: 'typingStarted' | 'typingEnded' | 'threadTypingStarted' | 'threadTypingEnded'
  readonly seq?: undefined
  readonly typing: Typing
  /** The user who types, to whom it is not delivered. */
  readonly except: string
}

export interface ReceiptsEvent {
  readonly type: 'receiptsUpdated'
  readonly seq?: undefined
  readonly receipts: readonly Receipt[]
  /** It has all members, and is for the subscribers that have come since. */
  readonly isSnapshot: boolean
}

export interface Typing {
  readonly channelId: ChannelId
  readonly member: Member
  /** The message that is being replied to. */
  readonly parent?: TypingParent | undefined
  readonly expiresAt: Date
}

export type TypingParent = Pick<Message, 'id' | 'index'>

/** What processes publish to each other about a channel. */
export type ChannelHint = DurableEvent | TypingHint | TypingAsked | ReceiptsMoved | TextHint | TextsAsked

/** What the owner of a stream has published of its text. */
export interface TextHint {
  readonly type: 'text'
  readonly seq?: undefined
  readonly messageId: MessageId
  readonly index: number
  /** One more with each process that owns the stream. */
  readonly epoch: number
  /** One more with each piece of an epoch. One at offset 0 has the whole text. */
  readonly number: number
  readonly offset: number
  readonly text: string
}

/** A feed does not know the texts that stream, or misses a piece. */
export interface TextsAsked {
  readonly type: 'textsAsked'
  readonly seq?: undefined
}

export interface TypingHint {
  readonly type: 'typing'
  readonly seq?: undefined
  readonly member: Member
  readonly parent?: TypingParent | undefined
  /** How long it lasts from now on. */
  readonly milliseconds: number
  /** An answer to `typingAsked`: only feeds that do not know of it yet use it. */
  readonly isAnswer: boolean
}

/** A feed has opened and does not know who types. */
export interface TypingAsked {
  readonly type: 'typingAsked'
  readonly seq?: undefined
}

/** Members have read or received more. What, is read from the store once a second. */
export interface ReceiptsMoved {
  readonly type: 'receiptsMoved'
  readonly seq?: undefined
  readonly of: ReceiptKind
  readonly memberIds: readonly MemberId[]
}

export type ReceiptKind = 'read' | 'delivered'

export type ChannelEventType = ChannelEvent['type']

/** What processes publish to each other about a user, and what its feed emits. */
export type UserHint = UserEvent | DeviceConnected | UserWentBack

/** A change of one user, its memberships, its channels' state, its invites or what it keeps for itself, numbered by the user's own counter. */
export type UserEvent =
  | {
      readonly type: 'joined' | 'left'
      readonly seq: number
      readonly channelId: ChannelId
      readonly memberId: MemberId
    }
  /** What the user keeps about a channel, or has read in it, or its role there. The row of `user_channels` has this `seq` now. */
  | { readonly type: 'channelStateChanged'; readonly seq: number; readonly channelId: ChannelId }
  /** The user follows a thread or no more, or has read in it. */
  | { readonly type: 'threadChanged'; readonly seq: number; readonly thread: FollowedThread }
  | { readonly type: 'inviteAdded' | 'inviteRemoved'; readonly seq: number; readonly invite: Invite }
  | { readonly type: 'userUpdated' | 'userDeleted'; readonly seq: number; readonly user: User }
  | { readonly type: 'draftSaved' | 'draftRemoved'; readonly seq: number; readonly draft: Draft }
  | { readonly type: 'scheduledMessageChanged'; readonly seq: number; readonly scheduled: ScheduledMessage }
  | {
      readonly type: 'messageSaved' | 'messageUnsaved' | 'reminderDue'
      readonly seq: number
      readonly saved: SavedMessage
    }

/** A device of the user has connected. Stored nowhere. */
export interface DeviceConnected {
  readonly type: 'deviceConnected'
  readonly seq?: undefined
  readonly deviceId: string
  /** Of its socket; ascending with time. */
  readonly sessionId: string
}

/** The database has gone back to an older state of the user, or to before there was one. */
export interface UserWentBack {
  readonly type: 'wentBack'
  readonly seq?: undefined
  readonly isGone: boolean
  /** What was emitted up to here is certainly in the older state, too; -1 for nothing. */
  readonly sharedSeq: number
}

export function isDurable(event: ChannelEvent | ChannelHint): event is DurableEvent {
  return event.seq !== undefined
}

/** A hint that the presence of a user may have changed. */
export interface PresenceHint {
  readonly identity: string
}
