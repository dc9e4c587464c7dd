import { listOwnChannels, type ChannelList } from '../../../domain/chat/channel-list.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { points } from '../cost.ts'
import { OrderDirection } from '../order.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Member } from '../refs.ts'
import { ChannelType } from './channel.ts'
import { MemberEdge } from './member.ts'
import { Viewer } from './viewer.ts'

const ViewerChannelConnection = builder.connectionObject(
  {
    type: Member,
    name: 'ViewerChannelConnection',
    description: 'A page of the channels that the calling user is in, each as the membership of the user.',
    fields: (t) => ({
      totalCount: t.int({
        nullable: true,
        description: 'The number of channels on all pages of the list.',
        resolve: ({ totalCount }) => totalCount,
      }),
    }),
  },
  MemberEdge,
)

const ViewerChannelOrder = builder.inputType('ViewerChannelOrder', {
  description: 'The order of the channels of the calling user.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('ViewerChannelOrderField', {
        description: 'The fields by which the channels of the calling user can be ordered.',
        values: {
          ACTIVITY: {
            value: 'activity',
            description: 'The time of the newest message, or of the joining of the user when that is later.',
          },
          NAME: {
            value: 'name',
            description:
              'The friendly name, or else the unique name, in lower case and without accents, compared by UTF-16 code units. Channels ' +
              'without a name have the empty one.',
          },
          CREATED_AT: { value: 'createdAt', description: 'The time at which the channel was created.' },
        } as const,
      }),
      required: true,
      description: 'The field by which the list is ordered.',
    }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction of the order.' }),
  }),
})

const ViewerChannelFilter = builder.inputType('ViewerChannelFilter', {
  description: 'A filter for the channels of the calling user. Each field narrows the list; null does not.',
  fields: (t) => ({
    type: t.field({ type: ChannelType, required: false, description: 'Only channels of this type.' }),
    isUnread: t.boolean({
      required: false,
      description:
        'Only channels with unread messages, or without any. Where the service’s `readStatusEnabled` is off, no channel has any.',
    }),
    isDirect: t.boolean({ required: false, description: 'Only direct channels, or only others.' }),
    isPinned: t.boolean({ required: false, description: 'Only pinned channels, or only others.' }),
    isMuted: t.boolean({ required: false, description: 'Only muted channels, or only others.' }),
    isArchived: t.boolean({
      required: false,
      defaultValue: false,
      description: 'Only archived channels, or only others, which is the default; null for both.',
    }),
    isHidden: t.boolean({
      required: false,
      defaultValue: false,
      description: 'Only hidden channels, or only others, which is the default; null for both.',
    }),
    name: t.string({
      required: false,
      description:
        'Only channels whose name, or a word in it, begins with this text of at most 64 characters, in any case, with or without ' +
        'accents. The name is the friendly name, or else the unique name.',
    }),
  }),
})

/** What was read with the list is not read again for the fields of its members. */
function prime({ loaders }: Context, { items }: ChannelList): void {
  for (const { member, channel, preferences, unreadCount, lastMessage } of items) {
    loaders.channel().prime(channel.id, channel)
    loaders.preferences().prime(member, preferences)
    loaders.unreadCount().prime(member, unreadCount)
    loaders.lastMessage().prime(channel.id, lastMessage ?? undefined)
  }
}

builder.objectField(Viewer, 'channels', (t) =>
  t.connection(
    {
      type: Member,
      nullable: true,
      description:
        'The channels that the calling user is in, by default by activity, the newest first; null for the backend. Archived and hidden ' +
        'are left out unless the filter asks for them, and so are direct channels without a message that others have opened. By activity ' +
        'descending, the last pages repeat channels that became active during the walk: a channel may come again, and none is left out. ' +
        '`first` or `last` is from 1 to 100, by default 25.',
      complexity: pageCost(points.channel),
      args: {
        filter: t.arg({
          type: ViewerChannelFilter,
          required: false,
          description: 'Only channels that match this filter; all but archived and hidden ones by default.',
        }),
        orderBy: t.arg({
          type: ViewerChannelOrder,
          required: false,
          description:
            'The order of the list, by default ACTIVITY and DESC. A cursor belongs to one order and filter, and is refused ' +
            '(BAD_USER_INPUT) with any other.',
        }),
      },
      resolve: async (viewer, args, context) => {
        if (viewer.kind !== 'user') return null
        const list = await listOwnChannels(context.app, viewer, args)
        prime(context, list)
        const cursors = new Map(list.items.map(({ member, cursor }) => [member.id, cursor]))
        const page = { ...list, items: list.items.map(({ member }) => member) }
        return toConnection(page, ({ id }) => cursors.get(id)!, list.totalCount)
      },
    },
    ViewerChannelConnection,
    MemberEdge,
  ),
)
