export const credentialTypes = ['gcm', 'apn', 'fcm'] as const

export type CredentialType = (typeof credentialTypes)[number]

/** How the server signs in at a push service. What it signs in with is stored and never told. */
export interface Credential {
  readonly id: string
  readonly accountId: string
  readonly friendlyName: string | null
  readonly type: CredentialType
  /** Of Apple's service only. */
  readonly sandbox: boolean | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
