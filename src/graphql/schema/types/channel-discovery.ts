import { listPublicChannels } from '../../../domain/chat/channel-discovery.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Channel } from '../refs.ts'
import { ChannelConnection, ChannelEdge } from './channel.ts'

const PublicChannelOrder = builder.enumType('PublicChannelOrder', {
  description: 'The order of a list of public channels.',
  values: {
    MEMBERS: { value: 'members', description: 'Channels with the most members come first.' },
    ACTIVITY: {
      value: 'activity',
      description: 'Channels with the newest message come first; those without messages count by their creation.',
    },
    NAME: {
      value: 'name',
      description:
        'By name, ascending: the friendly name, or else the unique name, in lower case and without accents, by its bytes in UTF-8.',
    },
  } as const,
})

const PublicChannelFilter = builder.inputType('PublicChannelFilter', {
  description: 'A filter for a list of public channels.',
  fields: (t) => ({
    name: t.string({
      required: false,
      description:
        'Only channels whose friendly name, or else unique name, begins with this text of at most 64 characters, in any case, with or ' +
        'without accents. The list is then ordered by NAME.',
    }),
  }),
})

builder.queryFields((t) => ({
  publicChannels: t.connection(
    {
      type: Channel,
      description:
        'The public channels of the service, to find one to join. Order and filter go by what the channels were at most some ' +
        'minutes ago: a new one appears within a minute, mostly, and one that is deleted is gone at once. `first` or `last` is from 1 to 100 ' +
        '(backend: 1,000), by default 25.',
      complexity: pageCost(points.channel),
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'Backend only: SID of the service; the account’s default service when left out.',
        }),
        filter: t.arg({
          type: PublicChannelFilter,
          required: false,
          description: 'Only channels that match this filter; all by default.',
        }),
        orderBy: t.arg({
          type: PublicChannelOrder,
          required: false,
          description: 'The order of the list; MEMBERS by default, or NAME with a filter by name.',
        }),
      },
      resolve: async (_root, args, { app, actor }) => {
        const page = await listPublicChannels(app, actor, args)
        const found = toConnection(page, page.cursorOf)
        return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: node.channel })) }
      },
    },
    ChannelConnection,
    ChannelEdge,
  ),
}))
