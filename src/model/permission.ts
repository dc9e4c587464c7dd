/** The permissions of roles. Their names, and the types of roles that they are for, are those of Programmable Chat v1. */
export const deploymentPermissions = ['createChannel', 'joinChannel'] as const

export const channelPermissions = ['sendMessage', 'sendMediaMessage', 'leaveChannel', 'deleteOwnMessage'] as const

export const sharedPermissions = [
  'destroyChannel',
  'inviteMember',
  'removeMember',
  'editChannelName',
  'editChannelAttributes',
  'addMember',
  'editOwnMessage',
  'editAnyMessage',
  'editOwnMessageAttributes',
  'editAnyMessageAttributes',
  'deleteAnyMessage',
  'editOwnUserInfo',
  'editAnyUserInfo',
] as const

export type Permission =
  | (typeof deploymentPermissions)[number]
  | (typeof channelPermissions)[number]
  | (typeof sharedPermissions)[number]

export type RoleType = 'channel' | 'deployment'

/** The permissions that a role of each type can have. */
export const permissionsOf: Readonly<Record<RoleType, readonly Permission[]>> = {
  channel: [...channelPermissions, ...sharedPermissions],
  deployment: [...deploymentPermissions, ...sharedPermissions],
}

interface RoleTemplate {
  readonly friendlyName: string
  readonly type: RoleType
  readonly permissions: readonly Permission[]
}

/** The four roles of every new service; the last three become its defaults for users, channel creators and members. */
export const defaultRoles = {
  serviceAdmin: {
    friendlyName: 'service admin',
    type: 'deployment',
    permissions: [
      'addMember',
      'createChannel',
      'deleteAnyMessage',
      'destroyChannel',
      'editAnyMessage',
      'editAnyMessageAttributes',
      'editAnyUserInfo',
      'editChannelAttributes',
      'editChannelName',
      'inviteMember',
      'joinChannel',
      'removeMember',
    ],
  },
  serviceUser: {
    friendlyName: 'service user',
    type: 'deployment',
    permissions: ['createChannel', 'joinChannel', 'editOwnUserInfo'],
  },
  channelAdmin: {
    friendlyName: 'channel admin',
    type: 'channel',
    permissions: [
      'addMember',
      'deleteAnyMessage',
      'destroyChannel',
      'editAnyMessage',
      'editAnyMessageAttributes',
      'editChannelAttributes',
      'editChannelName',
      'inviteMember',
      'leaveChannel',
      'removeMember',
      'sendMediaMessage',
      'sendMessage',
    ],
  },
  channelUser: {
    friendlyName: 'channel user',
    type: 'channel',
    permissions: [
      'deleteOwnMessage',
      'editOwnMessage',
      'editOwnMessageAttributes',
      'leaveChannel',
      'sendMediaMessage',
      'sendMessage',
    ],
  },
} as const satisfies Record<string, RoleTemplate>
