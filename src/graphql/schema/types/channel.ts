import { findAccess } from '../../../domain/access/authority.ts'
import { createChannel, deleteChannel, listChannels, updateChannel } from '../../../domain/chat/channel.ts'
import { listInvites } from '../../../domain/chat/invite.ts'
import { listMembers } from '../../../domain/chat/member.ts'
import { listMessages } from '../../../domain/chat/message.ts'
import type { Channel as ChannelModel } from '../../../model/channel.ts'
import { toCursor } from '../../../model/cursor.ts'
import { JsonText } from '../../../model/json-text.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { OrderDirection, orderDescription } from '../order.ts'
import { connectionCost, pageCost, toConnection } from '../pagination.ts'
import { Channel, Invite, Member, Message, Node } from '../refs.ts'
import { writeCursorDescription } from '../write-cursor.ts'
import { InviteConnection, InviteEdge } from './invite.ts'
import { MemberConnection, MemberEdge } from './member.ts'
import { MessageConnection, MessageEdge } from './message.ts'

const ChannelType = builder.enumType('ChannelType', {
  description: 'Who can find a channel.',
  values: {
    PUBLIC: { value: 'public', description: 'Every user of the service sees it and, with joinChannel, may join it.' },
    PRIVATE: { value: 'private', description: 'Exists only for its members, the invited and the backend.' },
  } as const,
})

Channel.implement({
  description:
    'A conversation: members, and messages numbered 0, 1, 2 … without gaps in the order they were committed.',
  interfaces: [Node],
  fields: (t) => ({
    uniqueName: t.exposeString('uniqueName', {
      nullable: true,
      description: 'A name that stands for the SID within the service; at most 64 characters.',
    }),
    friendlyName: t.exposeString('friendlyName', { nullable: true, description: 'For people; at most 64 characters.' }),
    type: t.field({ type: ChannelType, description: 'Never changes.', resolve: (channel) => channel.type }),
    attributes: t.field({
      type: 'JSON',
      description:
        'Whatever the application keeps with the channel; at most 16 KiB as JSON. `{}` when there are none, or what is stored cannot be read.',
      complexity: points.channelAttributes,
      resolve: (channel) => new JsonText(channel.attributes),
    }),
    createdBy: t.exposeString('createdBy', { description: 'An identity, or `system` for the backend.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its own fields last changed.' }),
    membersCount: t.exposeInt('membersCount', { description: 'Members now.' }),
    messagesCount: t.exposeInt('messagesCount', { description: 'Messages now, without the deleted ones.' }),
    lastMessage: t.field({
      type: Message,
      nullable: true,
      description: 'The newest message that was not deleted; null to a user that is not a member.',
      complexity: points.message,
      resolve: (channel, _args, { loaders }) => loaders.lastMessage().load(channel.id),
    }),
    messages: t.connection(
      {
        type: Message,
        description:
          'The history by index. `after` and `before` take any cursor of this channel; `first` or `last` from 1 to 100 ' +
          '(backend: 1,000), 25 by default.',
        complexity: pageCost(points.message),
        resolve: async (channel, args, { app, actor, history }) =>
          toConnection(
            await listMessages(app, actor, channel.id, args),
            (message) => toCursor(channel.id, message, history),
            channel.messagesCount,
          ),
      },
      MessageConnection,
      MessageEdge,
    ),
    members: t.connection(
      {
        type: Member,
        description: 'Its members in the order they joined; page sizes as for `messages`.',
        complexity: connectionCost,
        args: {
          identities: t.arg.stringList({ required: false, description: 'Only those of them that are members.' }),
        },
        resolve: async (channel, args, { app, actor }) =>
          toConnection(
            await listMembers(app, actor, channel.id, args),
            (member) => member.id,
            args.identities ? null : channel.membersCount,
          ),
      },
      MemberConnection,
      MemberEdge,
    ),
    invites: t.connection(
      {
        type: Invite,
        description: 'Who is invited, in the order of the invites; page sizes as for `messages`.',
        complexity: connectionCost,
        args: {
          identities: t.arg.stringList({ required: false, description: 'Only those of them that are invited.' }),
        },
        resolve: async (channel, args, { app, actor }) =>
          toConnection(await listInvites(app, actor, channel.id, args), (invite) => invite.id),
      },
      InviteConnection,
      InviteEdge,
    ),
  }),
})

const ChannelConnection = builder.connectionObject(
  { type: Channel, name: 'ChannelConnection', description: 'A page of channels.' },
  { name: 'ChannelEdge', description: 'A channel and its place in the list.' },
)

const ChannelOrder = builder.inputType('ChannelOrder', {
  description: 'An order of channels.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('ChannelOrderField', {
        description: 'What channels can be listed by.',
        values: {
          CREATED_AT: { value: 'createdAt', description: 'The time when they were made.' },
          UPDATED_AT: {
            value: 'updatedAt',
            description: 'Backend only: the time when their own fields last changed. Cannot be combined with `types`.',
          },
          UNIQUE_NAME: {
            value: 'uniqueName',
            description:
              'Backend only: their unique name, by its bytes in UTF-8. Channels without one are left out. Cannot be combined with `types`.',
          },
        } as const,
      }),
      required: true,
      description: 'What the list is ordered by.',
    }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction.' }),
  }),
})

const ChannelFilter = builder.inputType('ChannelFilter', {
  description: 'Which channels are listed.',
  fields: (t) => ({
    uniqueNamePrefix: t.string({
      required: false,
      description:
        'Backend only: those whose unique name begins with this, in this case. The list is then ordered by UNIQUE_NAME.',
    }),
  }),
})

builder.queryFields((t) => ({
  channel: t.field({
    type: Channel,
    nullable: true,
    description: 'One channel, or null when it does not exist for the caller.',
    args: { id: t.arg.id({ required: true, description: 'SID, or unique name within the caller’s service.' }) },
    resolve: async (_root, { id }, { app, actor }) => (await findAccess(app, actor, id))?.channel,
  }),
  channels: t.connection(
    {
      type: Channel,
      description:
        'The channels that exist for the caller, oldest first: the public ones and, for users, those it is in or invited to. Another order and a filter are for the backend. ' +
        '`first` or `last` from 1 to 100 (backend: 1,000), 25 by default.',
      complexity: pageCost(points.channel),
      args: {
        serviceId: t.arg.id({ required: false, description: 'Backend only: another service than the default one.' }),
        types: t.arg({ type: [ChannelType], required: false, description: 'Only these; all by default.' }),
        filter: t.arg({ type: ChannelFilter, required: false, description: 'Which channels are listed.' }),
        orderBy: t.arg({ type: ChannelOrder, required: false, description: orderDescription }),
      },
      resolve: async (_root, args, { app, actor }) => {
        const page = await listChannels(app, actor, args)
        return toConnection(page, page.cursorOf)
      },
    },
    ChannelConnection,
  ),
}))

const CreateChannelInput = builder.inputType('CreateChannelInput', {
  description: 'What a new channel is.',
  fields: (t) => ({
    serviceId: t.id({
      required: false,
      description: 'By default the token’s own service, or the account’s default one.',
    }),
    uniqueName: t.string({
      required: false,
      description:
        'At most 64 characters, free in the service (CONFLICT 50307), not shaped like a channel SID (50306), not `.` or `..`.',
    }),
    friendlyName: t.string({ required: false, description: 'At most 64 characters.' }),
    type: t.field({ type: ChannelType, required: false, description: 'PUBLIC by default.' }),
    attributes: t.field({ type: 'JSON', required: false, description: 'At most 16 KiB.' }),
  }),
})

const UpdateChannelInput = builder.inputType('UpdateChannelInput', {
  description: 'What to change; what is left out stays. Null takes a name away.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name.' }),
    uniqueName: t.string({ required: false, description: 'As in CreateChannelInput.' }),
    friendlyName: t.string({ required: false, description: 'At most 64 characters.' }),
    attributes: t.field({ type: 'JSON', required: false, description: 'Replaces all; at most 16 KiB.' }),
  }),
})

const payload = (name: string, description: string, state: string) =>
  builder.objectRef<{ readonly channel: ChannelModel }>(name).implement({
    description,
    fields: (t) => ({
      channel: t.expose('channel', { type: Channel, description: state }),
      cursor: t.string({
        description: writeCursorDescription,
        resolve: ({ channel }, _args, { history }) =>
          toCursor(channel.id, { index: channel.lastIndex, seq: channel.lastSeq }, history),
      }),
    }),
  })

builder.mutationFields((t) => ({
  createChannel: t.field({
    type: payload('CreateChannelPayload', 'The new channel.', 'As it was made.'),
    description:
      'Makes a channel. A user needs createChannel and becomes its first member, as channel admin; the backend’s channels begin empty.',
    args: { input: t.arg({ type: CreateChannelInput, required: true, description: 'What it is.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ channel: await createChannel(app, actor, input) }),
  }),
  updateChannel: t.field({
    type: payload('UpdateChannelPayload', 'The changed channel.', 'As it is now.'),
    description: 'Changes names (editChannelName) or attributes (editChannelAttributes).',
    args: { input: t.arg({ type: UpdateChannelInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input: { channelId, ...change } }, { app, actor }) => ({
      channel: await updateChannel(app, actor, { id: channelId, ...change }),
    }),
  }),
  deleteChannel: t.field({
    type: payload('DeleteChannelPayload', 'The deleted channel.', 'As it was.'),
    description: 'Deletes a channel for all (destroyChannel). Open subscriptions to it end.',
    args: {
      input: t.arg({
        required: true,
        description: 'Which.',
        type: builder.inputType('DeleteChannelInput', {
          description: 'Which channel to delete.',
          fields: (f) => ({ channelId: f.id({ required: true, description: 'SID or unique name.' }) }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      channel: await deleteChannel(app, actor, input.channelId),
    }),
  }),
}))
