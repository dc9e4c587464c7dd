import { acknowledgeDeliveries, listPendingDeliveries } from '../../../domain/realtime/delivery.ts'
import { toCursor } from '../../../model/cursor.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Channel, Delivery, Message } from '../refs.ts'

Delivery.implement({
  description:
    'A message that is queued for the caller: sent to one of its channels and received by none of its devices.',
  fields: (t) => ({
    message: t.field({ type: Message, description: 'What is queued.', resolve: (message) => message }),
    channel: t.field({
      type: Channel,
      description: 'Where it was sent.',
      resolve: async (message, _args, { loaders }) => (await loaders.channel().load(message.channelId))!,
    }),
  }),
})

const DeliveryConnection = builder.connectionObject(
  { type: Delivery, name: 'DeliveryConnection', description: 'A page of the queue.' },
  { name: 'DeliveryEdge', description: 'A queued message and its place in the queue.' },
)

builder.queryFields((t) => ({
  pendingDeliveries: t.field({
    type: DeliveryConnection,
    description: 'What is queued for me across my channels, by channel and index, without my own messages.',
    extensions: { perViewer: true },
    complexity: pageCost(points.message),
    args: {
      first: t.arg.int({ required: false, description: 'From 1 to 100, 25 by default.' }),
      after: t.arg.string({ required: false, description: 'A cursor of this list.' }),
    },
    resolve: async (_root, args, { app, viewer, history }) =>
      toConnection(
        await listPendingDeliveries(app, viewer, args),
        (message) => `${message.channelId}:${toCursor(message.channelId, message, history)}`,
      ),
  }),
}))

const AcknowledgeDeliveriesInput = builder.inputType('AcknowledgeDeliveriesInput', {
  description: 'What has been received.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name.' }),
    throughIndex: t.int({ required: true, description: 'This message and all before it.' }),
    deviceId: t.string({ required: false, description: 'By which device; by default the one the connection named.' }),
  }),
})

builder.mutationFields((t) => ({
  acknowledgeDeliveries: t.field({
    type: builder.simpleObject('AcknowledgeDeliveriesPayload', {
      description: 'How far delivery has come.',
      fields: (f) => ({
        channel: f.field({ type: Channel, description: 'Which channel.' }),
        deliveredIndex: f.int({ description: 'The device’s position now; it never goes back.' }),
      }),
    }),
    description:
      'Takes messages off my queue by hand. Over WebSocket an answered ping does it; over Server-Sent Events this is the only way.',
    args: { input: t.arg({ type: AcknowledgeDeliveriesInput, required: true, description: 'What, where.' }) },
    resolve: async (_root, { input }, { app, viewer, loaders }) => {
      const { channelId, deliveredIndex } = await acknowledgeDeliveries(app, viewer, input)
      return { channel: (await loaders.channel().load(channelId))!, deliveredIndex }
    },
  }),
}))
