import type { Channel } from './channel.ts'
import type { Invite } from './invite.ts'
import type { Member } from './member.ts'
import type { RoleId, ServiceId, UserId } from './sid.ts'

export interface User {
  readonly id: UserId
  readonly serviceId: ServiceId
  readonly identity: string
  readonly friendlyName: string | null
  /** JSON text. */
  readonly attributes: string
  readonly avatarUrl: string | null
  readonly statusText: string | null
  readonly statusEmoji: string | null
  /** When the status ends by itself. */
  readonly statusEndsAt: Date | null
  /** A BCP 47 language tag. */
  readonly locale: string | null
  /** A name of the IANA time zone database. */
  readonly timeZone: string | null
  /** When its last connection was last seen. */
  readonly lastSeenAt: Date | null
  /** It is shown as offline. */
  readonly isInvisible: boolean
  /** Others see what it has read. */
  readonly readReceiptsEnabled: boolean
  readonly roleId: RoleId
  /** Counts the changes of this user, its memberships and its invites. */
  readonly lastSeq: number
  /** The `lastSeq` of the last change of the user's own fields. */
  readonly seq: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

/** A channel that a user either is in or is invited to. */
export interface UserChannel {
  readonly channel: Channel
  readonly member: Member | null
  readonly invite: Invite | null
}
