import { acknowledgeDeliveries, listPendingDeliveries } from '../../../domain/realtime/delivery.ts'
import { toCursor } from '../../../model/cursor.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Channel, Delivery, Message } from '../refs.ts'

Delivery.implement({
  description:
    'A message that is queued for the calling user: it was sent to one of the user’s channels, and none of the user’s devices has ' +
    'received it.',
  fields: (t) => ({
    message: t.field({ type: Message, description: 'The queued message.', resolve: (message) => message }),
    channel: t.field({
      type: Channel,
      description: 'The channel to which the message was sent.',
      resolve: async (message, _args, { loaders }) => (await loaders.channel().load(message.channelId))!,
    }),
  }),
})

const DeliveryConnection = builder.connectionObject(
  { type: Delivery, name: 'DeliveryConnection', description: 'A page of queued messages.' },
  { name: 'DeliveryEdge', description: 'A queued message and its position in the queue.' },
)

builder.queryFields((t) => ({
  pendingDeliveries: t.field({
    type: DeliveryConnection,
    description:
      'The queued messages of the calling user in all channels, ordered by channel and index, without the user’s own messages.',
    extensions: { perViewer: true },
    complexity: pageCost(points.message),
    args: {
      first: t.arg.int({
        required: false,
        description: 'The number of items to return, from 1 to 100; 25 by default.',
      }),
      after: t.arg.string({ required: false, description: 'Returns items after this cursor of the same list.' }),
    },
    resolve: async (_root, args, { app, viewer, history }) =>
      toConnection(
        await listPendingDeliveries(app, viewer, args),
        (message) => `${message.channelId}:${toCursor(message.channelId, message, history)}`,
      ),
  }),
}))

const AcknowledgeDeliveriesInput = builder.inputType('AcknowledgeDeliveriesInput', {
  description: 'Input of `acknowledgeDeliveries`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    throughIndex: t.int({
      required: true,
      description: 'Index of a message. It and all messages before it count as received.',
    }),
    deviceId: t.string({
      required: false,
      description: 'Name of the device that has received the messages; by default the one that the connection named.',
    }),
  }),
})

builder.mutationFields((t) => ({
  acknowledgeDeliveries: t.field({
    type: builder.simpleObject('AcknowledgeDeliveriesPayload', {
      description: 'Payload of `acknowledgeDeliveries`.',
      fields: (f) => ({
        channel: f.field({ type: Channel, description: 'The channel of the messages.' }),
        deliveredIndex: f.int({
          description: 'Index of the newest message that the device has received. It never decreases.',
        }),
      }),
    }),
    description:
      'Removes messages from the caller’s queue. Over WebSocket an answered ping does the same; over Server-Sent Events this ' +
      'mutation is the only way.',
    args: {
      input: t.arg({
        type: AcknowledgeDeliveriesInput,
        required: true,
        description: 'The messages that were received.',
      }),
    },
    resolve: async (_root, { input }, { app, viewer, loaders }) => {
      const { channelId, deliveredIndex } = await acknowledgeDeliveries(app, viewer, input)
      return { channel: (await loaders.channel().load(channelId))!, deliveredIndex }
    },
  }),
}))
