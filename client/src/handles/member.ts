import type { Member, User } from '../store/state.ts'

/** Somebody in a channel. As text it is its name. */
export class MemberHandle {
  /** Its name in the service. */
  readonly identity: string
  /** SID of the channel. */
  readonly channelId: string
  /** Null where nothing but the identity is known. */
  readonly member: Member | null

  constructor(channelId: string, identity: string, member: Member | null) {
    this.channelId = channelId
    this.identity = identity
    this.member = member
  }

  /** Null where nothing but the identity is known. */
  get user(): User | null {
    return this.member?.user ?? null
  }

  /** Null where it has none, or nothing but the identity is known. */
  get friendlyName(): string | null {
    return this.user?.friendlyName ?? null
  }

  toString(): string {
    return this.friendlyName ?? this.identity
  }
}
