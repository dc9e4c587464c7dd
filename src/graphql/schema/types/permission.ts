import { checkPermission, type CheckedPermission, type PermissionCheck } from '../../../domain/chat/permission-check.ts'
import {
  channelPermissions,
  deploymentPermissions,
  permissionDescriptions,
  permissionsOf,
  sharedPermissions,
  wider,
  type Permission,
} from '../../../model/permission.ts'
import { builder } from '../builder.ts'
import { Member, Role, User } from '../refs.ts'
import { RoleType } from './role.ts'

const PermissionType = builder.objectRef<Permission>('Permission').implement({
  description: 'A permission, which roles give.',
  fields: (t) => ({
    name: t.string({ description: 'The name of the permission, as roles list it.', resolve: (name) => name }),
    description: t.string({
      description: 'A sentence in English that says what the permission allows.',
      resolve: (name) => permissionDescriptions[name],
    }),
    roleTypes: t.field({
      type: [RoleType],
      description: 'The types of roles that can have the permission.',
      resolve: (name) => (['deployment', 'channel'] as const).filter((type) => permissionsOf[type].includes(name)),
    }),
    widerName: t.string({
      nullable: true,
      description:
        'The name of the permission that allows the same and more, such as `deleteAnyMessage` of `deleteOwnMessage`; null when there is none.',
      resolve: (name) => wider[name] ?? null,
    }),
  }),
})

const CheckedAction = builder.enumType('CheckedAction', {
  description: 'The actions of a user that `permissionCheck` decides about.',
  values: {
    CREATE_CHANNEL: { value: 'createChannel', description: 'Make a channel.' },
    EDIT_OWN_USER: { value: 'editOwnUser', description: 'Change its own name, profile or attributes.' },
    EDIT_OTHER_USER: { value: 'editOtherUser', description: 'Change the name, profile or attributes of another user.' },
    READ_CHANNEL: { value: 'readChannel', description: 'Read the messages and the members of the channel.' },
    JOIN_CHANNEL: { value: 'joinChannel', description: 'Join the channel.' },
    LEAVE_CHANNEL: { value: 'leaveChannel', description: 'Leave the channel.' },
    SEND_MESSAGE: { value: 'sendMessage', description: 'Send a message to the channel.' },
    MENTION_CHANNEL: { value: 'mentionChannel', description: 'Send a message that names the whole channel.' },
    STREAM_MESSAGE: { value: 'streamMessage', description: 'Send a message whose text is written while it is read.' },
    ADD_MEMBER: { value: 'addMember', description: 'Add another user to the channel.' },
    INVITE_MEMBER: { value: 'inviteMember', description: 'Invite another user to the channel.' },
    REMOVE_MEMBER: { value: 'removeMember', description: 'Remove another member from the channel.' },
    EDIT_MEMBER_ROLE: {
      value: 'editMemberRole',
      description:
        'Give a member another role. Beyond what is checked here, a user neither gives nor takes a role that allows what it may not do itself.',
    },
    EDIT_CHANNEL_NAME: { value: 'editChannelName', description: 'Change the names of the channel.' },
    EDIT_CHANNEL_ATTRIBUTES: { value: 'editChannelAttributes', description: 'Change the attributes of the channel.' },
    FREEZE_CHANNEL: { value: 'freezeChannel', description: 'Freeze the channel, or end its freezing.' },
    TRUNCATE_CHANNEL: { value: 'truncateChannel', description: 'Take away the oldest messages of the channel.' },
    DELETE_CHANNEL: { value: 'deleteChannel', description: 'Delete the channel.' },
    EDIT_MESSAGE: { value: 'editMessage', description: 'Edit the text of the message.' },
    EDIT_MESSAGE_ATTRIBUTES: {
      value: 'editMessageAttributes',
      description: 'Change the attributes of the message.',
    },
    DELETE_MESSAGE: { value: 'deleteMessage', description: 'Delete the message.' },
    PIN_MESSAGE: { value: 'pinMessage', description: 'Pin the message, or unpin it.' },
    REACT: { value: 'react', description: 'Add a reaction to the message.' },
  } as const,
})

const RefusalReason = builder.enumType('RefusalReason', {
  description: 'The reason why a user may not do something.',
  values: {
    NO_USER: { value: 'noUser', description: 'No user of the service has the identity; it may have been deleted.' },
    NOT_MEMBER: {
      value: 'notMember',
      description:
        'The user is not a member of the channel, or neither that nor invited where it is to join a private one.',
    },
    PERMISSION_MISSING: {
      value: 'permissionMissing',
      description: 'None of the user’s roles has the last one of `permissions`.',
    },
    CHANNEL_FROZEN: {
      value: 'channelFrozen',
      description: 'The channel is frozen, and none of the user’s roles has `sendToFrozenChannel`.',
    },
    OTHER: {
      value: 'other',
      description:
        'The state of the channel or the message forbids it, as `message` says: the channel is a direct one, the user is a member already, ' +
        'or the text is being written.',
    },
  } as const,
})

const PermissionRefusal = builder.objectRef<NonNullable<PermissionCheck['refusal']>>('PermissionRefusal').implement({
  description: 'The refusal that a user would be answered.',
  fields: (t) => ({
    reason: t.field({
      type: RefusalReason,
      description: 'The reason for the refusal, also where the user is told no more than that nothing was found.',
      resolve: ({ reason }) => reason,
    }),
    code: t.string({
      description: 'The `code` of the error that the user would get, such as `FORBIDDEN`.',
      resolve: ({ error }) => error.code,
    }),
    chatCode: t.int({
      nullable: true,
      description: 'The `chatCode` of the error that the user would get; null where the rule has none.',
      resolve: ({ error }) => error.chatCode ?? null,
    }),
    message: t.string({
      description: 'The message of the error that the user would get, for people.',
      resolve: ({ error }) => error.message,
    }),
  }),
})

const CheckedPermissionType = builder.objectRef<CheckedPermission>('CheckedPermission').implement({
  description: 'A permission that a decision has depended on.',
  fields: (t) => ({
    name: t.string({ description: 'The name of the permission.', resolve: ({ name }) => name }),
    roles: t.field({
      type: [Role],
      description:
        'The roles of the user that have the permission: its deployment role, its channel role, both, or none where the permission is missing.',
      resolve: ({ roles }) => [...roles],
    }),
  }),
})

const PermissionCheckType = builder.objectRef<PermissionCheck>('PermissionCheck').implement({
  description: 'Whether a user may do something, and by which of its roles.',
  fields: (t) => ({
    isAllowed: t.boolean({
      description: 'Whether the user may do it now.',
      resolve: ({ refusal }) => refusal === undefined,
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user; null when the service has none with the identity.',
      resolve: ({ user }) => user ?? null,
    }),
    member: t.field({
      type: Member,
      nullable: true,
      description:
        'The membership of the user in the channel; null while it has none, and where no channel is asked about.',
      resolve: ({ member }) => member ?? null,
    }),
    permissions: t.field({
      type: [CheckedPermissionType],
      description:
        'The permissions that were asked for, in this order, up to the one that has decided. Empty where membership or an invite alone decides.',
      resolve: ({ permissions }) => [...permissions],
    }),
    refusal: t.field({
      type: PermissionRefusal,
      nullable: true,
      description: 'The refusal; null when the user may do it.',
      resolve: ({ refusal }) => refusal ?? null,
    }),
  }),
})

builder.queryFields((t) => ({
  permissions: t.field({
    type: [PermissionType],
    description: 'All permissions that roles can have: those of deployment roles, of channel roles, and of both.',
    resolve: () => [...deploymentPermissions, ...channelPermissions, ...sharedPermissions],
  }),
  permissionCheck: t.field({
    type: PermissionCheckType,
    description:
      'Backend only: whether a user may do something now, decided by the same rules as when it does it, and by which of its roles. Changes nothing; ' +
      'webhooks, keyword rules and rate limits are not asked. NOT_FOUND for a channel or message that does not exist.',
    complexity: 20,
    args: {
      identity: t.arg.string({
        required: true,
        description: 'Identity of the user, in the service of the channel or message.',
      }),
      action: t.arg({ type: CheckedAction, required: true, description: 'The action that the user would take.' }),
      channelId: t.arg.id({
        required: false,
        description:
          'SID or unique name of the channel. Needed (BAD_USER_INPUT) by all actions but those on a message, which must then be in this ' +
          'channel, and by none of CREATE_CHANNEL, EDIT_OWN_USER and EDIT_OTHER_USER.',
      }),
      messageId: t.arg.id({
        required: false,
        description:
          'SID of the message. Needed (BAD_USER_INPUT) by EDIT_MESSAGE, EDIT_MESSAGE_ATTRIBUTES, DELETE_MESSAGE, PIN_MESSAGE and REACT.',
      }),
      serviceId: t.arg.id({
        required: false,
        description:
          'SID of the service of the user, the channel and the message. The default is theirs, and for CREATE_CHANNEL, EDIT_OWN_USER, ' +
          'EDIT_OTHER_USER and unique names the account’s default service.',
      }),
    },
    resolve: (_root, args, { app, actor }) => checkPermission(app, actor, args),
  }),
}))
