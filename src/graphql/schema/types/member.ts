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
import { Channel, Member, Node, Role, User } from '../refs.ts'
import { writeCursorDescription } from '../write-cursor.ts'

Member.implement({
  description: 'A user in a channel.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'The user’s identity within the service.' }),
    user: t.field({
      type: User,
      description: 'Who it is.',
      resolve: async (member, _args, { loaders }) => (await loaders.user().load(member.userId))!,
    }),
    role: t.field({
      type: Role,
      description: 'What the member may do in this channel.',
      resolve: async (member, _args, { loaders }) => (await loaders.role().load(member.roleId))!,
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel it is a member of.' }),
    channel: t.field({
      type: Channel,
      description: 'The channel it is a member of.',
      resolve: async (member, _args, { loaders }) => (await loaders.channel().load(member.channelId))!,
    }),
    lastReadIndex: t.int({
      nullable: true,
      description:
        'Index of the newest message the member has read; null while it has read none, and where `readStatusEnabled` of ' +
        'the service is off.',
      resolve: async (member, _args, { loaders }) => (await loaders.horizon().load(member))?.lastReadIndex,
    }),
    lastReadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When `lastReadIndex` was set; null while there is none.',
      resolve: async (member, _args, { loaders }) => (await loaders.horizon().load(member))?.lastReadAt,
    }),
    unreadCount: t.int({
      nullable: true,
      description: 'Messages above `lastReadIndex`; null where `readStatusEnabled` of the service is off.',
      resolve: (member, _args, { loaders }) => loaders.unreadCount().load(member),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it joined.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

export const MemberEdge = builder.edgeObject({
  type: Member,
  name: 'MemberEdge',
  description: 'A member and its place in the list.',
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
          'Number of members of the channel: the same as `membersCount`. Null when only some of them are asked for.',
        resolve: ({ totalCount }) => totalCount,
      }),
    }),
  },
  MemberEdge,
)

const payload = (name: string, description: string) =>
  builder.objectRef<ChangedMember>(name).implement({
    description,
    fields: (t) => ({
      member: t.expose('member', { type: Member, description: 'As it is now.' }),
      cursor: t.string({
        description: writeCursorDescription,
        resolve: ({ member, position }, _args, { history }) => toCursor(member.channelId, position, history),
      }),
    }),
  })

const UpdateMemberPayload = builder
  .objectRef<Awaited<ReturnType<typeof updateMember>>>('UpdateMemberPayload')
  .implement({
    description: 'The changed member.',
    fields: (t) => ({
      member: t.expose('member', { type: Member, description: 'As it is now.' }),
      cursor: t.string({
        nullable: true,
        description: `${writeCursorDescription} Null when only the read horizon changed, of which no stream tells.`,
        resolve: ({ member, position }, _args, { history }) =>
          position && toCursor(member.channelId, position, history),
      }),
    }),
  })

const channelInput = (name: string) =>
  builder.inputType(name, {
    description: 'Which channel.',
    fields: (t) => ({ channelId: t.id({ required: true, description: 'SID or unique name.' }) }),
  })

const AddMemberInput = builder.inputType('AddMemberInput', {
  description: 'Who joins what.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name.' }),
    identity: t.string({
      required: true,
      description: 'At most 256 characters (50207), not shaped like a user SID (50206). An unknown one becomes a user.',
    }),
    roleId: t.id({ required: false, description: 'Backend only (50205): a channel role; by default the service’s.' }),
  }),
})

const memberIdDescription = 'SID of the member. Either this, or `channelId` and `identity`.'
const channelIdDescription =
  'SID or unique name of the channel. Beside the SID of a member it is optional: the member must then be of this channel.'
const identityDescription = 'Identity of the member, together with `channelId`.'

const UpdateMemberInput = builder.inputType('UpdateMemberInput', {
  description: 'What to change; what is left out stays.',
  fields: (t) => ({
    memberId: t.id({ required: false, description: memberIdDescription }),
    channelId: t.id({ required: false, description: channelIdDescription }),
    identity: t.string({ required: false, description: identityDescription }),
    roleId: t.id({ required: false, description: 'Backend only: a channel role.' }),
    lastReadIndex: t.int({
      required: false,
      description: 'The newest message read; null for none. CONFLICT where `readStatusEnabled` of the service is off.',
    }),
  }),
})

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  description: 'Who leaves.',
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
    description: 'One member, or null when it does not exist for the caller.',
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
    type: payload('AddMemberPayload', 'The new member.'),
    description:
      'Adds a member (addMember); an invite it has is gone. Twice is CONFLICT 50404; a full channel 50403; a user with too many 50208.',
    args: { input: t.arg({ type: AddMemberInput, required: true, description: 'Who, where.' }) },
    resolve: (_root, { input }, { app, actor }) => addMember(app, actor, input),
  }),
  joinChannel: t.field({
    type: payload('JoinChannelPayload', 'The caller’s membership.'),
    description:
      'Joins a public channel (joinChannel), or any that the caller is invited to: then in the role of the invite, which is gone.',
    args: { input: t.arg({ type: channelInput('JoinChannelInput'), required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { app, actor }) => joinChannel(app, actor, input.channelId),
  }),
  leaveChannel: t.field({
    type: payload('LeaveChannelPayload', 'The membership that has ended.'),
    description: 'Leaves a channel (leaveChannel). Its subscriptions end at once.',
    args: { input: t.arg({ type: channelInput('LeaveChannelInput'), required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { app, actor }) => leaveChannel(app, actor, input.channelId),
  }),
  updateMember: t.field({
    type: UpdateMemberPayload,
    description: 'Changes a member’s role (backend) or read horizon (its own, or backend).',
    args: { input: t.arg({ type: UpdateMemberInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input: { memberId, ...change } }, { app, actor }) =>
      updateMember(app, actor, { id: memberId, ...change }),
  }),
  removeMember: t.field({
    type: payload('RemoveMemberPayload', 'The membership that has ended.'),
    description: 'Takes a member out of a channel (removeMember). It receives nothing that is sent after.',
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: 'Who.' }) },
    resolve: (_root, { input: { memberId, ...name } }, { app, actor }) =>
      removeMember(app, actor, { id: memberId, ...name }),
  }),
}))
