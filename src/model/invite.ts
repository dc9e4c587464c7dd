export interface Invite {
  readonly channelId: string
  readonly id: string
  readonly userId: string
  readonly identity: string
  /** The channel role that the member will have. */
  readonly roleId: string
  readonly createdBy: string
  readonly userSeq: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly removedAt: Date | null
}
