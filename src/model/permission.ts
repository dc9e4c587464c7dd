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

/** What each allows, for people who give roles. */
export const permissionDescriptions: Readonly<Record<Permission, string>> = {
  createChannel: 'Make channels, and open direct channels.',
  joinChannel: 'Join public channels without an invite.',
  sendMessage: 'Send and schedule messages, and show that one is typing.',
  sendMediaMessage: 'Nothing: kept for Programmable Chat. Who may send is decided by sendMessage alone.',
  leaveChannel: 'Leave the channel.',
  deleteOwnMessage: 'Delete one’s own messages.',
  freezeChannel: 'Freeze the channel, and end its freezing.',
  sendToFrozenChannel: 'Send, edit, pin and react while the channel is frozen, with the permission for each.',
  truncateChannel: 'Take away the oldest messages of the channel for everybody and for good.',
  editMemberRole: 'Give members another channel role, which allows no more than one’s own.',
  pinMessage: 'Pin messages to the channel, and unpin them.',
  react: 'Add reactions to messages, and take one’s own away.',
  mentionChannel: 'Mention the whole channel in a message, which notifies all of its members.',
  streamMessage: 'Send messages whose text is written while it is read.',
  destroyChannel: 'Delete the channel for everybody and for good.',
  inviteMember: 'Invite users to the channel, and withdraw invites.',
  removeMember: 'Remove members from the channel.',
  editChannelName: 'Change the friendly name and the unique name of the channel.',
  editChannelAttributes: 'Change the attributes of the channel.',
  addMember: 'Add members to the channel without asking them.',
  editOwnMessage: 'Edit the text and the mentions of one’s own messages.',
  editAnyMessage: 'Edit the text and the mentions of all messages, and read what they were before.',
  editOwnMessageAttributes: 'Change the attributes of one’s own messages.',
  editAnyMessageAttributes: 'Change the attributes of all messages.',
  deleteAnyMessage: 'Delete all messages.',
  editOwnUserInfo: 'Change one’s own name, profile and attributes. Only a service role gives it.',
  editAnyUserInfo: 'Change the name, profile and attributes of all users. Only a service role gives it.',
}

/** The permissions of Programmable Chat, which are all that its API shows and changes. */
export const v1Permissions: readonly Permission[] = [
  ...deploymentPermissions,
  ...channelPermissions,
  ...sharedPermissions.filter((permission) => !(ownPermissions as readonly string[]).includes(permission)),
]

/** Who may do something to what anybody has may do it to its own. */
export const wider: Partial<Record<Permission, Permission>> = {
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
