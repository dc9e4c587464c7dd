import { findAccess } from '../../../domain/access/authority.ts'
import { createChannel, deleteChannel, listChannels, updateChannel } from '../../../domain/chat/channel.ts'
import { listInvites } from '../../../domain/chat/invite.ts'
import { listMembers } from '../../../domain/chat/member.ts'
import { listMessages } from '../../../domain/chat/message.ts'
import { listPinnedMessages, toPinCursor } from '../../../domain/chat/pin.ts'
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
import { PinnedMessageConnection, PinnedMessageEdge } from './pin.ts'

export const ChannelType = builder.enumType('ChannelType', {
  description: 'The visibility of a channel.',
  values: {
    PUBLIC: {
      value: 'public',
      description: 'Every user of the service sees the channel and, with the permission `joinChannel`, may join it.',
    },
    PRIVATE: { value: 'private', description: 'Only members, invited users and the backend see the channel.' },
  } as const,
})

const MessagesAround = builder.inputType('MessagesAround', {
  description: 'A place in a channel: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    cursor: t.string({ required: false, description: 'Any cursor of the channel.' }),
    index: t.int({ required: false, description: 'Index of a message, from 0 on.' }),
    moment: t.field({
      type: 'DateTime',
      required: false,
      description: 'The place of the first message that was committed at this time or later.',
    }),
  }),
})

Channel.implement({
  description:
    'A conversation with members and messages. Messages are numbered 0, 1, 2 … without gaps, in the order in which they were ' +
    'committed.',
  interfaces: [Node],
  fields: (t) => ({
    uniqueName: t.exposeString('uniqueName', {
      nullable: true,
      description:
        'A name that can be used instead of the SID, unique within the service, of at most 64 characters; null when the channel has ' +
        'none.',
    }),
    friendlyName: t.exposeString('friendlyName', {
      nullable: true,
      description: 'A name for people, of at most 64 characters; null when the channel has none.',
    }),
    revision: t.int({
      description:
        'The number of the change that made the names, the attributes, `isFrozen` and `firstIndex` what they are. Of two readings of a ' +
        'channel the one with the higher revision is the newer; counts and messages do not change it.',
      resolve: (channel) => Math.max(channel.seq, channel.truncatedSeq),
    }),
    type: t.field({
      type: ChannelType,
      description: 'The visibility of the channel. It never changes.',
      resolve: (channel) => channel.type,
    }),
    serviceId: t.exposeID('serviceId', { description: 'SID of the channel’s service.' }),
    isDirect: t.boolean({
      description:
        'Whether this is the direct channel of its members, which `openDirectChannel` finds. Its members never change.',
      resolve: ({ directKey }) => directKey !== null,
    }),
    attributes: t.field({
      type: 'JSON',
      description:
        'Data of the application, at most 16 KiB as JSON. `{}` when there is none, or when the stored value cannot be read.',
      complexity: points.channelAttributes,
      resolve: (channel) => new JsonText(channel.attributes),
    }),
    createdBy: t.exposeString('createdBy', {
      description: 'Identity of the user who created the channel, or `system` for the backend.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the channel was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'The time at which the names, the attributes or `isFrozen` of the channel last changed.',
    }),
    isFrozen: t.exposeBoolean('isFrozen', {
      description:
        'Whether the channel is frozen: then only the backend and members with the permission `sendToFrozenChannel` send, edit and type.',
    }),
    firstIndex: t.exposeInt('firstIndex', {
      description:
        'Index at which the channel begins: messages with a smaller one were truncated. 0 while none were; one more than the index of the ' +
        'newest message when all were.',
    }),
    membersCount: t.exposeInt('membersCount', { description: 'The current number of members.' }),
    messagesCount: t.exposeInt('messagesCount', {
      description: 'The current number of messages with all replies, without deleted and truncated ones.',
    }),
    lastMessage: t.field({
      type: Message,
      nullable: true,
      description:
        'The newest message that the channel shows and that is not deleted. Null when there is none, and for users who are not members.',
      complexity: points.message,
      resolve: (channel, _args, { loaders }) => loaders.lastMessage().load(channel.id),
    }),
    messages: t.connection(
      {
        type: Message,
        description:
          'The messages of the channel by index. `after` and `before` take any cursor of the channel. `first` or `last` is from 1 to ' +
          '100 (backend: 1,000), by default 25.',
        args: {
          includeReplies: t.arg.boolean({
            required: false,
            description:
              'Whether the list has every message that is not deleted. By default it has what the channel shows: it leaves out replies that were sent ' +
              'without `showInChannel`, and keeps deleted messages that have replies.',
          }),
          around: t.arg({
            type: MessagesAround,
            required: false,
            description:
              'Jumps to a place in the channel: half of the page comes before it, the rest begins there. `first` is the size of the ' +
              'page; `after`, `before` and `last` cannot be combined with it, and read on from its cursors.',
          }),
        },
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
    pinnedMessages: t.connection(
      {
        type: Message,
        description:
          'The pinned messages of the channel, at most 100, the newest pin first. `first` or `last` is from 1 to 100 (backend: 1,000), by ' +
          'default 25.',
        complexity: pageCost(points.message),
        resolve: async (channel, args, { app, actor }) =>
          toConnection(await listPinnedMessages(app, actor, channel.id, args), toPinCursor),
      },
      PinnedMessageConnection,
      PinnedMessageEdge,
    ),
    members: t.connection(
      {
        type: Member,
        description:
          'The members of the channel in the order in which they joined. `first` or `last` is from 1 to 100 (backend: 1,000), by ' +
          'default 25.',
        complexity: connectionCost,
        args: {
          identities: t.arg.stringList({ required: false, description: 'Only members with one of these identities.' }),
        },
        resolve: async (channel, args, { app, actor, loaders }) =>
          toConnection(
            await listMembers(app, actor, channel.id, args, (size) =>
              loaders.firstMembers().load({ channelId: channel.id, size }),
            ),
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
        description:
          'The invites to the channel, oldest first. `first` or `last` is from 1 to 100 (backend: 1,000), by default 25.',
        complexity: connectionCost,
        args: {
          identities: t.arg.stringList({
            required: false,
            description: 'Only invites of users with one of these identities.',
          }),
        },
        resolve: async (channel, args, { app, actor }) =>
          toConnection(await listInvites(app, actor, channel.id, args), (invite) => invite.id),
      },
      InviteConnection,
      InviteEdge,
    ),
  }),
})

export const ChannelEdge = builder.edgeObject({
  type: Channel,
  name: 'ChannelEdge',
  description: 'A channel and its position in the list.',
})

export const ChannelConnection = builder.connectionObject(
  { type: Channel, name: 'ChannelConnection', description: 'A page of channels.' },
  ChannelEdge,
)

const ChannelOrder = builder.inputType('ChannelOrder', {
  description: 'The order of a list of channels.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('ChannelOrderField', {
        description: 'The fields by which channels can be ordered.',
        values: {
          CREATED_AT: { value: 'createdAt', description: 'The time at which the channel was created.' },
          UPDATED_AT: {
            value: 'updatedAt',
            description:
              'Backend only: the time at which the names, the attributes or `isFrozen` of the channel last changed. Cannot be combined with `types`.',
          },
          NAME: {
            value: 'name',
            description:
              'Backend only: the friendly name, or else the unique name, with A to Z in lower case and compared by its bytes in UTF-8. Channels without ' +
              'a name are left out. Cannot be combined with `types`.',
          },
          UNIQUE_NAME: {
            value: 'uniqueName',
            description:
              'Backend only: the unique name, compared by its bytes in UTF-8. Channels without a unique name are left out. Cannot be ' +
              'combined with `types`.',
          },
        } as const,
      }),
      required: true,
      description: 'The field by which the list is ordered.',
    }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction of the order.' }),
  }),
})

const ChannelFilter = builder.inputType('ChannelFilter', {
  description: 'A filter for a list of channels.',
  fields: (t) => ({
    uniqueNamePrefix: t.string({
      required: false,
      description:
        'Backend only: only channels whose unique name begins with this text, in the same case. The list is then ordered by ' +
        'UNIQUE_NAME.',
    }),
    name: t.string({
      required: false,
      description:
        'Backend only: only channels whose friendly name, or else unique name, begins with this text of at most 64 characters; the case of A to Z makes no difference. The ' +
        'list is then ordered by NAME.',
    }),
    onlyFrozen: t.boolean({
      required: false,
      description:
        'Backend only: whether only frozen channels are listed; `false` by default. Needs the order CREATED_AT, and cannot be combined with ' +
        '`types`.',
    }),
  }),
})

builder.queryFields((t) => ({
  channel: t.field({
    type: Channel,
    nullable: true,
    description: 'The channel with this SID or unique name; null when it does not exist for the caller.',
    args: {
      id: t.arg.id({
        required: true,
        description: 'SID of the channel, or its unique name within the caller’s service.',
      }),
    },
    resolve: async (_root, { id }, { app, actor }) => (await findAccess(app, actor, id))?.channel,
  }),
  channels: t.connection(
    {
      type: Channel,
      description:
        'The channels that exist for the caller, oldest first: the public ones and, for users, those they are in or invited to. Other ' +
        'orders and filters are for the backend. `first` or `last` is from 1 to 100 (backend: 1,000), by default 25.',
      complexity: pageCost(points.channel),
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'Backend only: SID of the service; the account’s default service when left out.',
        }),
        types: t.arg({
          type: [ChannelType],
          required: false,
          description: 'Only channels of these types; all by default.',
        }),
        filter: t.arg({
          type: ChannelFilter,
          required: false,
          description: 'Only channels that match this filter; all by default.',
        }),
        orderBy: t.arg({ type: ChannelOrder, required: false, description: orderDescription }),
      },
      resolve: async (_root, args, { app, actor }) => {
        const page = await listChannels(app, actor, args)
        return toConnection(page, page.cursorOf)
      },
    },
    ChannelConnection,
    ChannelEdge,
  ),
}))

const CreateChannelInput = builder.inputType('CreateChannelInput', {
  description: 'Input of `createChannel`.',
  fields: (t) => ({
    serviceId: t.id({
      required: false,
      description:
        'SID of the service. By default that of the access token, and for the backend the account’s default service.',
    }),
    uniqueName: t.string({
      required: false,
      description:
        'A name that can be used instead of the SID, of at most 64 characters. It must be unique in the service (CONFLICT 50307), not ' +
        'shaped like a channel SID (50306), and not `.` or `..`.',
    }),
    friendlyName: t.string({ required: false, description: 'A name for people, of at most 64 characters.' }),
    type: t.field({
      type: ChannelType,
      required: false,
      description: 'The visibility of the channel; PUBLIC by default.',
    }),
    attributes: t.field({
      type: 'JSON',
      required: false,
      description: 'Data of the application, at most 16 KiB as JSON.',
    }),
  }),
})

const UpdateChannelInput = builder.inputType('UpdateChannelInput', {
  description: 'Input of `updateChannel`. Fields that are left out keep their values; null removes a name.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel to change.' }),
    uniqueName: t.string({
      required: false,
      description:
        'The new unique name, of at most 64 characters; null removes it. It must be unique in the service (CONFLICT 50307), not ' +
        'shaped like a channel SID (50306), and not `.` or `..`.',
    }),
    friendlyName: t.string({
      required: false,
      description: 'The new name for people, of at most 64 characters; null removes it.',
    }),
    attributes: t.field({
      type: 'JSON',
      required: false,
      description: 'Data of the application, at most 16 KiB as JSON. It replaces all previous attributes.',
    }),
  }),
})

export const changedChannelPayload = (name: string, description: string, state: string) =>
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
    type: changedChannelPayload('CreateChannelPayload', 'Payload of `createChannel`.', 'The created channel.'),
    description:
      'Creates a channel. A user needs the permission `createChannel` and becomes the first member, with the service’s default role ' +
      'for channel creators. Channels of the backend start without members.',
    args: { input: t.arg({ type: CreateChannelInput, required: true, description: 'The channel to create.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ channel: await createChannel(app, actor, input) }),
  }),
  updateChannel: t.field({
    type: changedChannelPayload('UpdateChannelPayload', 'Payload of `updateChannel`.', 'The changed channel.'),
    description:
      'Changes the names (permission `editChannelName`) or the attributes (permission `editChannelAttributes`) of a channel.',
    args: { input: t.arg({ type: UpdateChannelInput, required: true, description: 'The channel and its changes.' }) },
    resolve: async (_root, { input: { channelId, ...change } }, { app, actor }) => ({
      channel: await updateChannel(app, actor, { id: channelId, ...change }),
    }),
  }),
  deleteChannel: t.field({
    type: changedChannelPayload(
      'DeleteChannelPayload',
      'Payload of `deleteChannel`.',
      'The deleted channel, as it was before.',
    ),
    description:
      'Deletes a channel for all users. Needs the permission `destroyChannel`. Subscriptions to the channel end.',
    args: {
      input: t.arg({
        required: true,
        description: 'The channel to delete.',
        type: builder.inputType('DeleteChannelInput', {
          description: 'Input of `deleteChannel`.',
          fields: (f) => ({
            channelId: f.id({ required: true, description: 'SID or unique name of the channel to delete.' }),
          }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      channel: await deleteChannel(app, actor, input.channelId),
    }),
  }),
}))
