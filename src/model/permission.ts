/** The permissions of roles. Their names, and the types of roles that they are for, are those of Programmable Chat v1; `ownPermissions` are ours. */
export const deploymentPermissions = ['createChannel', 'joinChannel'] as const

export const channelPermissions = ['sendMessage', 'sendMediaMessage', 'leaveChannel', 'deleteOwnMessage'] as const

/** Those that Programmable Chat does not have. */
export const ownPermissions = [
  'freezeChannel',
  'sendToFrozenChannel',
  'truncateChannel',
  'editMemberRole',
  'pinMessage',
  'react',
  'mentionChannel',
  'streamMessage',
] as const

export const sharedPermissions = [
  ...ownPermissions,
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

/** The permissions of Programmable Chat, which are all that its API shows and changes. */
export const v1Permissions: readonly Permission[] = [
  ...deploymentPermissions,
  ...channelPermissions,
  ...sharedPermissions.filter((permission) => !(ownPermissions as readonly string[]).includes(permission)),
]

/** Who may do something to what anybody has may do it to its own. */
const wider: Partial<Record<Permission, Permission>> = {
  deleteOwnMessage: 'deleteAnyMessage',
  editOwnMessage: 'editAnyMessage',
  editOwnMessageAttributes: 'editAnyMessageAttributes',
  editOwnUserInfo: 'editAnyUserInfo',
}

/** Whether who `can` do some things can do all that these permissions allow. */
export function covers(can: (permission: Permission) => boolean, permissions: readonly Permission[]): boolean {
  return permissions.every(
    (permission) => can(permission) || (wider[permission] !== undefined && can(wider[permission])),
  )
}

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
      'editMemberRole',
      'freezeChannel',
      'inviteMember',
      'joinChannel',
      'mentionChannel',
      'pinMessage',
      'removeMember',
      'sendToFrozenChannel',
      'truncateChannel',
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
      'editMemberRole',
      'freezeChannel',
      'inviteMember',
      'leaveChannel',
      'mentionChannel',
      'pinMessage',
      'react',
      'removeMember',
      'sendMediaMessage',
      'sendMessage',
      'sendToFrozenChannel',
      'truncateChannel',
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
      'react',
      'sendMediaMessage',
      'sendMessage',
    ],
  },
} as const satisfies Record<string, RoleTemplate>
