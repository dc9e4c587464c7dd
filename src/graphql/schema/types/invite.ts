import { nullIfHidden } from '../../../domain/access/authority.ts'
import { createInvite, declineInvite, deleteInvite, requireInvite } from '../../../domain/chat/invite.ts'
import { builder } from '../builder.ts'
import { Channel, Invite, Node, Role, User } from '../refs.ts'

Invite.implement({
  description:
    'A channel that is open to a user: it sees it and may join it. Gone once it is used, declined or withdrawn.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'The identity of who is invited.' }),
    user: t.field({
      type: User,
      description: 'Who is invited.',
      resolve: async (invite, _args, { loaders }) => (await loaders.user().load(invite.userId))!,
    }),
    role: t.field({
      type: Role,
      description: 'What the member will be allowed to do.',
      resolve: async (invite, _args, { loaders }) => (await loaders.role().load(invite.roleId))!,
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel.' }),
    channel: t.field({
      type: Channel,
      description: 'Where to.',
      resolve: async (invite, _args, { loaders }) => (await loaders.channel().load(invite.channelId))!,
    }),
    createdBy: t.exposeString('createdBy', { description: 'An identity, or `system` for the backend.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

export const InviteEdge = builder.edgeObject({
  type: Invite,
  name: 'InviteEdge',
  description: 'An invite and its place in the list.',
})

export const InviteConnection = builder.connectionObject(
  { type: Invite, name: 'InviteConnection', description: 'A page of invites.' },
  InviteEdge,
)

builder.queryFields((t) => ({
  invite: t.field({
    type: Invite,
    nullable: true,
    description:
      'One invite, or null when it does not exist for the caller: to others than the invited and the members.',
    args: {
      id: t.arg.id({ required: true, description: 'SID of the invite.' }),
      channelId: t.arg.id({ required: false, description: 'SID or unique name: only if it is to this channel.' }),
    },
    resolve: (_root, { id, channelId }, { app, actor }) =>
      nullIfHidden(async () => (await requireInvite(app, actor, id, channelId)).invite),
  }),
}))

const payload = (name: string, description: string, state: string) =>
  builder.simpleObject(name, {
    description,
    fields: (t) => ({ invite: t.field({ type: Invite, description: state }) }),
  })

const CreateInviteInput = builder.inputType('CreateInviteInput', {
  description: 'Who is invited to what.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name.' }),
    identity: t.string({ required: true, description: 'Of a user that the service knows (50200).' }),
    roleId: t.id({
      required: false,
      description: 'Backend only (50205): the channel role of the member (50101); by default the service’s.',
    }),
  }),
})

const DeclineInviteInput = builder.inputType('DeclineInviteInput', {
  description: 'Which invite of the caller.',
  fields: (t) => ({ channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }) }),
})

const DeleteInviteInput = builder.inputType('DeleteInviteInput', {
  description: 'Which invite.',
  fields: (t) => ({
    inviteId: t.id({ required: true, description: 'SID of the invite.' }),
    channelId: t.id({ required: false, description: 'SID or unique name: only if it is to this channel.' }),
  }),
})

builder.mutationFields((t) => ({
  createInvite: t.field({
    type: payload('CreateInvitePayload', 'The new invite.', 'As it was made.'),
    description:
      'Invites a user to a channel (inviteMember). Twice is CONFLICT 50212, a member 50404. `joinChannel` accepts the invite.',
    args: { input: t.arg({ type: CreateInviteInput, required: true, description: 'Who, where.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ invite: await createInvite(app, actor, input) }),
  }),
  declineInvite: t.field({
    type: payload('DeclineInvitePayload', 'The declined invite.', 'As it was.'),
    description: 'Declines the caller’s invite to a channel. A member cannot (50602); without an invite it is 50601.',
    args: { input: t.arg({ type: DeclineInviteInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      invite: await declineInvite(app, actor, input.channelId),
    }),
  }),
  deleteInvite: t.field({
    type: payload('DeleteInvitePayload', 'The withdrawn invite.', 'As it was.'),
    description: 'Withdraws an invite (inviteMember, or the invited).',
    args: { input: t.arg({ type: DeleteInviteInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      invite: await deleteInvite(app, actor, { id: input.inviteId, channelId: input.channelId }),
    }),
  }),
}))
