import type { UserChannel as UserChannelModel } from '../../../model/user.ts'
import { builder } from '../builder.ts'
import { Channel, Invite, Member } from '../refs.ts'

const UserChannelStatus = builder.enumType('UserChannelStatus', {
  description: 'The relation of a user to a channel.',
  values: {
    JOINED: { value: 'joined', description: 'The user is a member of the channel.' },
    INVITED: { value: 'invited', description: 'The user is invited to the channel and may join it.' },
  } as const,
})

export const UserChannel = builder.objectRef<UserChannelModel>('UserChannel').implement({
  description: 'A channel of which a user is a member or to which the user is invited.',
  fields: (t) => ({
    id: t.id({
      description:
        'The key of this user and channel, which stays the same when an invited user joins. It is not a SID: `node` finds the member, ' +
        'the invite and the channel by their own SIDs.',
      resolve: ({ channel, member, invite }) => `${(member ?? invite)!.userId}:${channel.id}`,
    }),
    status: t.field({
      type: UserChannelStatus,
      description: 'Whether the user is a member or invited.',
      resolve: ({ member }) => (member ? 'joined' : 'invited'),
    }),
    channel: t.field({
      type: Channel,
      description: 'The channel of the membership or invite.',
      resolve: ({ channel }) => channel,
    }),
    member: t.field({
      type: Member,
      nullable: true,
      description: 'The membership; null while the user is only invited.',
      resolve: ({ member }) => member,
    }),
    invite: t.field({
      type: Invite,
      nullable: true,
      description: 'The invite; null once the user has joined.',
      resolve: ({ invite }) => invite,
    }),
    lastReadIndex: t.int({
      nullable: true,
      description:
        'Index of the newest message that the user has read. Null while the user has read none, and while the service’s ' +
        '`readStatusEnabled` is off.',
      resolve: async ({ member }, _args, { loaders }) =>
        member && (await loaders.horizon().load(member))?.lastReadIndex,
    }),
    unreadCount: t.int({
      nullable: true,
      description:
        'The number of messages that the user has not read, as `Member.unreadCount`. Null while the user is only invited, and while ' +
        'the service’s `readStatusEnabled` is off.',
      extensions: { perViewer: true },
      resolve: ({ member }, _args, { loaders }) => member && loaders.unreadCount().load(member),
    }),
  }),
})

export const UserChannelEdge = builder.edgeObject({
  type: UserChannel,
  name: 'UserChannelEdge',
  description: 'A channel of a user and its position in the list.',
})

export const UserChannelConnection = builder.connectionObject(
  { type: UserChannel, name: 'UserChannelConnection', description: 'A page of a user’s channels.' },
  UserChannelEdge,
)
