/** Who added a member. */
export type AddedBy = 'self' | 'user' | 'backend'

export interface Member {
  readonly channelId: string
  readonly id: string
  readonly userId: string
  readonly identity: string
  readonly roleId: string
  readonly lastReadIndex: number | null
  readonly lastReadAt: Date | null
  readonly seq: number
  readonly joinedSeq: number
  readonly userSeq: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly leftAt: Date | null
}
