import type { ChannelId, MemberId, RoleId, UserId } from './sid.ts'
/** Who added a member. */
export type AddedBy = 'self' | 'user' | 'backend'

export interface Member {
  readonly channelId: ChannelId
  readonly id: MemberId
  readonly userId: UserId
  readonly identity: string
  readonly roleId: RoleId
  readonly lastReadIndex: number | null
  /** When `lastReadIndex` was last set, also to null. */
  readonly lastReadAt: Date | null
  /** Index of the channel's newest message when it joined; -1 for none. */
  readonly joinedIndex: number
  /** The furthest that `lastReadIndex` has ever been; -1 for nowhere. Others see it. */
  readonly receiptIndex: number
  /** Set by the member itself: everything from here on counts as unread. */
  readonly unreadFrom: number | null
  /** Index of the channel's newest message when `unreadFrom` was set. */
  readonly unreadMarkedIndex: number | null
  readonly seq: number
  readonly joinedSeq: number
  readonly userSeq: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly leftAt: Date | null
}
