import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  createInvite,
  declineInvite,
  deleteInvite,
  listServiceInvites,
  requireInvite,
} from '../../../domain/chat/invite.ts'
import { builder } from '../builder.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Channel, Invite, Node, Role, User } from '../refs.ts'

Invite.implement({
  description:
    'An invite of a user to a channel, with which the user sees the channel and may join it. It ends when it is used, declined or ' +
    'withdrawn.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'Identity of the invited user.' }),
    user: t.field({
      type: User,
      description: 'The invited user.',
      resolve: async (invite, _args, { loaders }) => (await loaders.user().load(invite.userId))!,
    }),
    role: t.field({
      type: Role,
      description: 'The channel role that the user has after joining.',
      resolve: async (invite, _args, { loaders }) => (await loaders.role().load(invite.roleId))!,
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel to which the user is invited.' }),
    channel: t.field({
      type: Channel,
      description: 'The channel to which the user is invited.',
      resolve: async (invite, _args, { loaders }) => (await loaders.channel().load(invite.channelId))!,
    }),
    createdBy: t.exposeString('createdBy', {
      description: 'Identity of the user who created the invite, or `system` for the backend.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the invite was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The time at which the invite last changed.' }),
  }),
})

export const InviteEdge = builder.edgeObject({
  type: Invite,
  name: 'InviteEdge',
  description: 'An invite and its position in the list.',
})

export const InviteConnection = builder.connectionObject(
  { type: Invite, name: 'InviteConnection', description: 'A page of invites.' },
  InviteEdge,
)

const InviteFilter = builder.inputType('InviteFilter', {
  description: 'A filter for a list of invites.',
  fields: (t) => ({
    channelId: t.id({
      required: false,
      description: 'SID or unique name of a channel of the service (50300). Only invites to this channel are listed.',
    }),
    identity: t.string({
      required: false,
      description: 'Identity of a user. Only invites of this user are listed; none when there is no such user.',
    }),
  }),
})

builder.queryFields((t) => ({
  invites: t.connection(
    {
      type: Invite,
      description:
        'Backend only: the pending invites of a service, oldest first. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: connectionCost,
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'SID of the service; the account’s default service when left out.',
        }),
        filter: t.arg({
          type: InviteFilter,
          required: false,
          description: 'Only invites that match this filter; all by default.',
        }),
      },
      resolve: async (_root, args, { app, actor }) =>
        toConnection(await listServiceInvites(app, actor, args), (invite) => invite.id),
    },
    InviteConnection,
    InviteEdge,
  ),
  invite: t.field({
    type: Invite,
    nullable: true,
    description:
      'The invite with this SID. Null when it does not exist for the caller: only the invited user, the members of the channel and ' +
      'the backend see it.',
    args: {
      id: t.arg.id({ required: true, description: 'SID of the invite.' }),
      channelId: t.arg.id({
        required: false,
        description: 'SID or unique name of a channel. The result is null when the invite is to another channel.',
      }),
    },
    resolve: (_root, { id, channelId }, { app, actor }) =>
      nullIfHidden(async () => (await requireInvite(app, actor, id, channelId)).invite),
  }),
}))

const payload = payloadOf('invite', Invite)

const CreateInviteInput = builder.inputType('CreateInviteInput', {
  description: 'Input of `createInvite`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    identity: t.string({
      required: true,
      description: 'Identity of the user to invite, which must exist in the service (50200).',
    }),
    roleId: t.id({
      required: false,
      description:
        'Backend only (50205): SID of the channel role that the user gets by joining (50101); by default the service’s default ' +
        'channel role.',
    }),
  }),
})

const DeclineInviteInput = builder.inputType('DeclineInviteInput', {
  description: 'Input of `declineInvite`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel whose invite is declined.' }),
  }),
})

const DeleteInviteInput = builder.inputType('DeleteInviteInput', {
  description: 'Input of `deleteInvite`.',
  fields: (t) => ({
    inviteId: t.id({ required: true, description: 'SID of the invite to withdraw.' }),
    channelId: t.id({
      required: false,
      description: 'SID or unique name of a channel. An invite to another channel is NOT_FOUND.',
    }),
  }),
})

builder.mutationFields((t) => ({
  createInvite: t.field({
    type: payload('createInvite', 'The created invite.'),
    description:
      'Invites a user to a channel, who accepts by `joinChannel`. Needs the permission `inviteMember`. A user who is invited ' +
      'already is CONFLICT 50212, a member CONFLICT 50404.',
    args: {
      input: t.arg({ type: CreateInviteInput, required: true, description: 'The user to invite and the channel.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ invite: await createInvite(app, actor, input) }),
  }),
  declineInvite: t.field({
    type: payload('declineInvite', 'The declined invite.'),
    description:
      'Declines the invite of the calling user to a channel. BAD_USER_INPUT 50602 for members, NOT_FOUND 50601 without an invite.',
    args: { input: t.arg({ type: DeclineInviteInput, required: true, description: 'The invite to decline.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      invite: await declineInvite(app, actor, input.channelId),
    }),
  }),
  deleteInvite: t.field({
    type: payload('deleteInvite', 'The withdrawn invite.'),
    description: 'Withdraws an invite. Needs the permission `inviteMember`; the invited user may do it, too.',
    args: { input: t.arg({ type: DeleteInviteInput, required: true, description: 'The invite to withdraw.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      invite: await deleteInvite(app, actor, { id: input.inviteId, channelId: input.channelId }),
    }),
  }),
}))
