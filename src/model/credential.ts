export const credentialTypes = ['gcm', 'apn', 'fcm'] as const

export type CredentialType = (typeof credentialTypes)[number]

/** Credentials of a push service. Their secrets are stored and never returned. */
export interface Credential {
  readonly id: string
  readonly accountId: string
  readonly friendlyName: string | null
  readonly type: CredentialType
  /** Only for Apple's service. */
  readonly sandbox: boolean | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
