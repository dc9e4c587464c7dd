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
  readonly lastReadAt: Date | null
  readonly seq: number
  readonly joinedSeq: number
  readonly userSeq: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly leftAt: Date | null
}
