export interface User {
  readonly id: string
  readonly serviceId: string
  readonly identity: string
  readonly friendlyName: string | null
  /** JSON text. */
  readonly attributes: string
  readonly roleId: string
  /** Counts the changes of this user's memberships. */
  readonly lastSeq: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
