import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  addMember,
  joinChannel,
  leaveChannel,
  removeMember,
  requireMember,
  updateMember,
  type ChangedMember,
} from '../../../domain/chat/member.ts'
import { toCursor } from '../../../model/cursor.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { Channel, Member, Message, Node, Role, User } from '../refs.ts'
import { writeCursorDescription } from '../write-cursor.ts'
import { ChannelPreferences } from './channel-preferences.ts'

Member.implement({
  description: 'The membership of a user in a channel.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'Identity of the user within the service.' }),
    revision: t.exposeInt('seq', {
      description:
        'The number, in its channel, of the joining or change of role that made the membership what it is. Of two readings the one with the ' +
        'higher revision is the newer; what the member reads does not change it.',
    }),
    user: t.field({
      type: User,
      description: 'The user who is the member.',
      resolve: async (member, _args, { loaders }) => (await loaders.user().load(member.userId))!,
    }),
    role: t.field({
      type: Role,
      description: 'The channel role, which says what the member may do in the channel.',
      resolve: async (member, _args, { loaders }) => (await loaders.role().load(member.roleId))!,
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel.' }),
    channel: t.field({
      type: Channel,
      description: 'The channel of the membership.',
      resolve: async (member, _args, { loaders }) => (await loaders.channel().load(member.channelId))!,
    }),
    lastReadIndex: t.int({
      nullable: true,
      description:
        'Index of the newest message that the member has read. Null while the member has read none, while the service’s ' +
        '`readStatusEnabled` is off, and for other users while the member’s user has `readReceiptsEnabled` off.',
      resolve: async (member, _args, { loaders }) => (await loaders.horizon().load(member))?.lastReadIndex,
    }),
    lastReadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time at which `lastReadIndex` was last set; null while it is null.',
      resolve: async (member, _args, { loaders }) => (await loaders.horizon().load(member))?.lastReadAt,
    }),
    unreadCount: t.int({
      nullable: true,
      description:
        'The number of messages that the member has not read: those of others, not deleted, after what it has read, after its own ' +
        'newest message and after its joining. Null for users on the members of others, and while the service’s `readStatusEnabled` is off.',
      extensions: { perViewer: true },
      resolve: (member, _args, { loaders }) => loaders.unreadCount().load(member),
    }),
    firstUnread: t.field({
      type: Message,
      nullable: true,
      description:
        'The oldest message that counts in `unreadCount`. Null when there is none, for users on the members of others, and while the ' +
        'service’s `readStatusEnabled` is off.',
      complexity: points.message,
      extensions: { perViewer: true },
      resolve: (member, _args, { loaders }) => loaders.firstUnread().load(member),
    }),
    preferences: t.field({
      type: ChannelPreferences,
      nullable: true,
      description:
        'The preferences of the member for the channel. Null for other users; the backend sees those of all members.',
      extensions: { perViewer: true },
      resolve: (member, _args, { loaders }) => loaders.preferences().load(member),
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'The time at which the user joined the channel.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description:
        'The time at which the membership last changed. What the member reads while its user has `readReceiptsEnabled` off, and what it marks as ' +
        'unread, does not count.',
    }),
  }),
})

export const MemberEdge = builder.edgeObject({
  type: Member,
  name: 'MemberEdge',
  description: 'A member and its position in the list.',
})

export const MemberConnection = builder.connectionObject(
  {
    type: Member,
    name: 'MemberConnection',
    description: 'A page of members.',
    fields: (t) => ({
      totalCount: t.int({
        nullable: true,
        description:
          'The number of members in the whole list; of the members of a channel the same as `membersCount`. Null when the list has only ' +
          'some identities.',
        resolve: ({ totalCount }) => totalCount,
      }),
    }),
  },
  MemberEdge,
)

const payload = (name: string, description: string, state: string) =>
  builder.objectRef<ChangedMember>(name).implement({
    description,
    fields: (t) => ({
      member: t.expose('member', { type: Member, description: state }),
      cursor: t.string({
        description: writeCursorDescription,
        resolve: ({ member, position }, _args, { history }) => toCursor(member.channelId, position, history),
      }),
    }),
  })

const UpdateMemberPayload = builder
  .objectRef<Awaited<ReturnType<typeof updateMember>>>('UpdateMemberPayload')
  .implement({
    description: 'Payload of `updateMember`.',
    fields: (t) => ({
      member: t.expose('member', { type: Member, description: 'The member as it is now.' }),
      cursor: t.string({
        nullable: true,
        description: `${writeCursorDescription} Null when only the read horizon changed, which has no position.`,
        resolve: ({ member, position }, _args, { history }) =>
          position && toCursor(member.channelId, position, history),
      }),
    }),
  })

const channelInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }) }),
  })

const AddMemberInput = builder.inputType('AddMemberInput', {
  description: 'Input of `addMember`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    identity: t.string({
      required: true,
      description:
        'Identity of the user to add, of at most 256 characters (50207) and not shaped like a user SID (50206). A user with an ' +
        'unknown identity is created.',
    }),
    roleId: t.id({
      required: false,
      description: 'Backend only (50205): SID of a channel role; by default the service’s default channel role.',
    }),
  }),
})

const memberIdDescription = 'SID of the member. Pass either this, or `channelId` and `identity`.'
const channelIdDescription =
  'SID or unique name of the channel. Optional beside the SID of a member, who must then be in this channel.'
const identityDescription = 'Identity of the member. Pass it together with `channelId`.'

const UpdateMemberInput = builder.inputType('UpdateMemberInput', {
  description: 'Input of `updateMember`. Fields that are left out keep their values.',
  fields: (t) => ({
    memberId: t.id({ required: false, description: memberIdDescription }),
    channelId: t.id({ required: false, description: channelIdDescription }),
    identity: t.string({ required: false, description: identityDescription }),
    roleId: t.id({
      required: false,
      description:
        'SID of the new channel role. Needs the permission `editMemberRole`. FORBIDDEN when this role or the present one allows ' +
        'what the caller may not do (50205 for this one); of one’s own role, when it allows more than the present one. CONFLICT when one ' +
        'of the roles has changed meanwhile.',
    }),
    lastReadIndex: t.int({
      required: false,
      description:
        'Index of the newest message that the member has read; null for none. It may be lower than before, and ends what `markUnread` has set. ' +
        'CONFLICT while the service’s `readStatusEnabled` is off.',
    }),
  }),
})

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  description: 'Input of `removeMember`.',
  fields: (t) => ({
    memberId: t.id({ required: false, description: memberIdDescription }),
    channelId: t.id({ required: false, description: channelIdDescription }),
    identity: t.string({ required: false, description: identityDescription }),
  }),
})

builder.queryFields((t) => ({
  member: t.field({
    type: Member,
    nullable: true,
    description: 'A member by SID, or by channel and identity; null when it does not exist for the caller.',
    args: {
      id: t.arg.id({ required: false, description: memberIdDescription }),
      channelId: t.arg.id({ required: false, description: channelIdDescription }),
      identity: t.arg.string({ required: false, description: identityDescription }),
    },
    resolve: (_root, args, { app, actor }) => nullIfHidden(async () => (await requireMember(app, actor, args)).member),
  }),
}))

builder.mutationFields((t) => ({
  addMember: t.field({
    type: payload('AddMemberPayload', 'Payload of `addMember`.', 'The new member.'),
    description:
      'Adds a user to a channel. Needs the permission `addMember`. An invite of the user to the channel ends. CONFLICT 50404 for ' +
      'members; FORBIDDEN 50403 when the channel is full, 50208 when the user is in too many channels.',
    args: { input: t.arg({ type: AddMemberInput, required: true, description: 'The user to add and the channel.' }) },
    resolve: (_root, { input }, { app, actor }) => addMember(app, actor, input),
  }),
  joinChannel: t.field({
    type: payload('JoinChannelPayload', 'Payload of `joinChannel`.', 'The new membership of the calling user.'),
    description:
      'Makes the calling user a member of a public channel, which needs the permission `joinChannel`, or of any channel with an ' +
      'invite. With an invite the member gets its role, and the invite ends.',
    args: {
      input: t.arg({
        type: channelInput('JoinChannelInput', 'Input of `joinChannel`.'),
        required: true,
        description: 'The channel to join.',
      }),
    },
    resolve: (_root, { input }, { app, actor }) => joinChannel(app, actor, input.channelId),
  }),
  leaveChannel: t.field({
    type: payload('LeaveChannelPayload', 'Payload of `leaveChannel`.', 'The membership that has ended.'),
    description:
      'Ends the membership of the calling user in a channel. Needs the permission `leaveChannel`. The user’s subscriptions to the ' +
      'channel end at once.',
    args: {
      input: t.arg({
        type: channelInput('LeaveChannelInput', 'Input of `leaveChannel`.'),
        required: true,
        description: 'The channel to leave.',
      }),
    },
    resolve: (_root, { input }, { app, actor }) => leaveChannel(app, actor, input.channelId),
  }),
  updateMember: t.field({
    type: UpdateMemberPayload,
    description:
      'Changes the role of a member (permission `editMemberRole`) or its read horizon `lastReadIndex` (the member itself or the backend).',
    args: { input: t.arg({ type: UpdateMemberInput, required: true, description: 'The member and its changes.' }) },
    resolve: (_root, { input: { memberId, ...change } }, { app, actor }) =>
      updateMember(app, actor, { id: memberId, ...change }),
  }),
  removeMember: t.field({
    type: payload('RemoveMemberPayload', 'Payload of `removeMember`.', 'The membership that has ended.'),
    description:
      'Removes a member from a channel. Needs the permission `removeMember`. The member receives nothing that is sent afterwards.',
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: 'The member to remove.' }) },
    resolve: (_root, { input: { memberId, ...name } }, { app, actor }) =>
      removeMember(app, actor, { id: memberId, ...name }),
  }),
}))
