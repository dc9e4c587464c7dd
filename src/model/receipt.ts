import type { Member } from './member.ts'

/** How far a member has read and received, as the others in its channel see it. */
export interface Receipt {
  readonly member: Member
  /** Null while it has read nothing, and where its user has switched its read receipts off. */
  readonly readIndex: number | null
  /** Null while it has received nothing. */
  readonly deliveredIndex: number | null
  /** Its reads are reported to nobody. */
  readonly hidesReads: boolean
}
