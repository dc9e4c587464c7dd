import type { Message } from './message.ts'
import type { ChannelId, MessageId, UserId } from './sid.ts'

/** A message that a user has saved for itself. */
export interface SavedMessage {
  readonly userId: UserId
  readonly messageId: MessageId
  readonly channelId: ChannelId
  readonly index: number
  /** The user's `seq` of its last change. */
  readonly userSeq: number
  /** The user's `seq` of the saving: the list is ordered by it. */
  readonly savedSeq: number
  readonly savedAt: Date
  readonly updatedAt: Date
  readonly remindAt: Date | null
  /** When the reminder came. */
  readonly remindedAt: Date | null
  /** What is saved no more keeps its row, so that the user’s feed can report it. */
  readonly removedAt: Date | null
  /** Null when it was deleted. */
  readonly message: Message | null
}
