import type { MessageContent } from './message-content.ts'
import type { ChannelId, MessageId, UserId } from './sid.ts'

/** Which draft it is: each user has one in each channel, and one in each of its threads. */
export interface DraftKey {
  readonly userId: UserId
  readonly channelId: ChannelId
  /** The message whose thread it is in; `noParent` in the channel itself. */
  readonly parentId: MessageId
}

/** What a user is writing. It is gone once the message that it names exists. */
export interface Draft extends DraftKey {
  /** Counts what was ever saved under its key, so that no two drafts have the same. */
  readonly version: number
  /** The user's `seq` of its last change. */
  readonly userSeq: number
  readonly content: MessageContent
  /** What it will be sent with. */
  readonly clientMessageId: string
  readonly updatedAt: Date
  /** A removed draft keeps its row, so that the user’s feed can report it. */
  readonly removedAt: Date | null
}

/** A draft as it stands now. */
export interface DraftState extends Draft {
  /** It was removed, its message exists, or its channel was deleted. */
  readonly isGone: boolean
}

/** In place of a parent, of a draft in the channel itself: a column of the primary key cannot be null. */
export const noParent = `IM${'0'.repeat(32)}` as MessageId
