import type { UserChannel as UserChannelModel } from '../../../model/user.ts'
import { builder } from '../builder.ts'
import { Channel, Invite, Member } from '../refs.ts'

const UserChannelStatus = builder.enumType('UserChannelStatus', {
  description: 'How a user stands to a channel.',
  values: {
    JOINED: { value: 'joined', description: 'It is a member.' },
    INVITED: { value: 'invited', description: 'It is invited, and may join.' },
  } as const,
})

export const UserChannel = builder.objectRef<UserChannelModel>('UserChannel').implement({
  description: 'A channel that a user is in or invited to.',
  fields: (t) => ({
    id: t.id({
      description:
        'Names the user and the channel, and stays the same when the invited joins. Not a SID: `node` finds the member, the invite and the ' +
        'channel by theirs.',
      resolve: ({ channel, member, invite }) => `${(member ?? invite)!.userId}:${channel.id}`,
    }),
    status: t.field({
      type: UserChannelStatus,
      description: 'Which of the two.',
      resolve: ({ member }) => (member ? 'joined' : 'invited'),
    }),
    channel: t.field({ type: Channel, description: 'The channel.', resolve: ({ channel }) => channel }),
    member: t.field({
      type: Member,
      nullable: true,
      description: 'The membership; null while invited.',
      resolve: ({ member }) => member,
    }),
    invite: t.field({
      type: Invite,
      nullable: true,
      description: 'The invite; null once joined.',
      resolve: ({ invite }) => invite,
    }),
    lastReadIndex: t.int({
      nullable: true,
      description:
        'Index of the newest message the user has read; null while it has read none, and where `readStatusEnabled` of ' +
        'the service is off.',
      resolve: async ({ member }, _args, { loaders }) =>
        member && (await loaders.horizon().load(member))?.lastReadIndex,
    }),
    unreadCount: t.int({
      nullable: true,
      description:
        'Messages above `lastReadIndex`; null while invited, and where `readStatusEnabled` of the service is off.',
      resolve: ({ member }, _args, { loaders }) => member && loaders.unreadCount().load(member),
    }),
  }),
})

export const UserChannelEdge = builder.edgeObject({
  type: UserChannel,
  name: 'UserChannelEdge',
  description: 'A channel of a user and its place in the list.',
})

export const UserChannelConnection = builder.connectionObject(
  { type: UserChannel, name: 'UserChannelConnection', description: 'A page of a user’s channels.' },
  UserChannelEdge,
)
