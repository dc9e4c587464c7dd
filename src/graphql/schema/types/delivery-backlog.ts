import { listDeliveryBacklogs, toBacklogCursor } from '../../../domain/realtime/delivery-backlog.ts'
import type { DeliveryBacklog as DeliveryBacklogModel } from '../../../store/delivery-backlog.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost } from '../pagination.ts'
import { Channel } from '../refs.ts'

const DeliveryBacklog = builder.objectRef<DeliveryBacklogModel>('DeliveryBacklog').implement({
  description:
    'A device of a member that has not received all messages of a channel. The member’s own messages are not counted.',
  fields: (t) => ({
    channel: t.field({
      type: Channel,
      description: 'The channel of the messages.',
      complexity: points.channel,
      resolve: async ({ channelId }, _args, { loaders }) => (await loaders.channel().load(channelId))!,
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel of the messages.' }),
    memberId: t.exposeID('memberId', { description: 'SID of the member.' }),
    userId: t.exposeID('userId', { description: 'SID of the user.' }),
    identity: t.exposeString('identity', { description: 'Identity of the user.' }),
    deviceId: t.string({
      nullable: true,
      description: 'Name of the device; null for the member itself, of which no device has received the messages.',
      resolve: ({ deviceId }) => deviceId || null,
    }),
    deliveredIndex: t.int({
      nullable: true,
      description: 'Index of the newest message that was received; null when there is none.',
      resolve: ({ deliveredIndex }) => (deliveredIndex < 0 ? null : deliveredIndex),
    }),
    pendingCount: t.exposeInt('pendingCount', {
      description: 'The number of messages that were not received, among the next 1,000 of the channel.',
    }),
    hasMore: t.exposeBoolean('hasMore', {
      description:
        'Whether the channel has more than these 1,000 messages, of which further ones may not have been received.',
    }),
    oldestIndex: t.exposeInt('oldestIndex', {
      nullable: true,
      description: 'Index of the oldest message that was not received; null when none of the next 1,000 waits.',
    }),
    oldestAt: t.expose('oldestAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the oldest message that was not received was sent: the device has waited since. Null when none of the next 1,000 waits.',
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      description: 'The time at which the device last confirmed a message of the channel, or opened it.',
      resolve: ({ seenAt }) => seenAt,
    }),
  }),
})

const DeliveryBacklogConnection = builder.connectionObject(
  {
    type: DeliveryBacklog,
    name: 'DeliveryBacklogConnection',
    description:
      'A page of devices that have not received everything. It may have fewer than were asked for, or none, though a next page follows.',
  },
  {
    name: 'DeliveryBacklogEdge',
    description: 'A device that has not received everything, and its position in the list.',
  },
)

builder.queryFields((t) => ({
  deliveryBacklogs: t.field({
    type: DeliveryBacklogConnection,
    description:
      'Backend only: which devices have not received which messages, and since when. Of a channel, by member and device; of a user, by channel and device; of a ' +
      'service, those first that were seen longest ago. A page looks at 2,000 devices at most, so it may be short, or empty, while `hasNextPage` is true.',
    complexity: pageCost(1),
    args: {
      serviceId: t.arg.id({
        required: false,
        description: 'SID of the service; the account’s default service when left out.',
      }),
      channelId: t.arg.id({
        required: false,
        description: 'SID or unique name of a channel. Only its members are listed.',
      }),
      userId: t.arg.id({
        required: false,
        description: 'SID or identity of a user. Only its devices are listed, with `channelId` those in the channel.',
      }),
      first: t.arg.int({
        required: false,
        description: 'The largest number of items to return, from 1 to 100; 25 by default.',
      }),
      after: t.arg.string({ required: false, description: 'Returns items after this cursor of the same list.' }),
    },
    resolve: async (_root, { first, after, ...filter }, { app, actor }) => {
      const { items, nextCursor } = await listDeliveryBacklogs(app, actor, filter, { first, after })
      const edges = items.map((node) => ({ cursor: toBacklogCursor(node.key), node }))
      return {
        edges,
        pageInfo: {
          hasNextPage: nextCursor !== undefined,
          hasPreviousPage: after != null,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: nextCursor ?? edges.at(-1)?.cursor ?? null,
        },
      }
    },
  }),
}))
