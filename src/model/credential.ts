import type { AccountId, CredentialId } from './sid.ts'
export const credentialTypes = ['gcm', 'apn', 'fcm'] as const

export type CredentialType = (typeof credentialTypes)[number]

/** Credentials of a push service. Their secrets are stored and never returned. */
export interface Credential {
  readonly id: CredentialId
  readonly accountId: AccountId
  readonly friendlyName: string | null
  readonly type: CredentialType
  /** Only for Apple's service. */
  readonly sandbox: boolean | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
