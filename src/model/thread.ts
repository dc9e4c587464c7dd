import type { ChannelId, UserId } from './sid.ts'

/** What a user keeps about the replies to a message. */
export interface FollowedThread {
  readonly channelId: ChannelId
  readonly parentIndex: number
  readonly userId: UserId
  readonly isFollowed: boolean
  /** Replies up to here are read; below the message itself while none is. */
  readonly readIndex: number
  /** The user's `seq` at the last change that it has made itself; 0 before. */
  readonly userSeq: number
}
