import type { Permission, RoleType } from './permission.ts'

export interface Service {
  readonly id: string
  readonly accountId: string
  readonly friendlyName: string
  readonly isDefault: boolean
  readonly defaultServiceRoleId: string
  readonly defaultChannelRoleId: string
  readonly defaultChannelCreatorRoleId: string
  /** Seconds. */
  readonly typingIndicatorTimeout: number
  /** Whether users see who is online. */
  readonly reachabilityEnabled: boolean
  readonly channelMembersLimit: number
  readonly userChannelsLimit: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Role {
  readonly id: string
  readonly serviceId: string
  readonly friendlyName: string
  readonly type: RoleType
  readonly permissions: readonly Permission[]
  readonly createdAt: Date
  readonly updatedAt: Date
}
