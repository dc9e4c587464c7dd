import type { ChannelId, InviteId, RoleId, UserId } from './sid.ts'
export interface Invite {
  readonly channelId: ChannelId
  readonly id: InviteId
  readonly userId: UserId
  readonly identity: string
  /** The channel role that the member will have. */
  readonly roleId: RoleId
  readonly createdBy: string
  readonly userSeq: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly removedAt: Date | null
}
