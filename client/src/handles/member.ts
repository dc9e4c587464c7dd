import type { Member, User } from '../store/state.ts'

/** Somebody in a channel. As text it is its name. */
export class MemberHandle {
  readonly identity: string
  readonly channelId: string
  /** Null where nothing but the identity is known. */
  readonly member: Member | null

  constructor(channelId: string, identity: string, member: Member | null) {
    this.channelId = channelId
    this.identity = identity
    this.member = member
  }

  get user(): User | null {
    return this.member?.user ?? null
  }

  get friendlyName(): string | null {
    return this.user?.friendlyName ?? null
  }

  toString(): string {
    return this.friendlyName ?? this.identity
  }
}
