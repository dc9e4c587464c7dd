import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  dryRunReplay,
  findWebhookDelivery,
  listWebhookDeliveries,
  replayWebhookDelivery,
  replayWebhookDeliveries,
  sendTestWebhook,
} from '../../../domain/webhooks/webhook-delivery.ts'
import { JsonText } from '../../../model/json-text.ts'
import type { WebhookDelivery as WebhookDeliveryRow } from '../../../model/webhook-delivery.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { points } from '../cost.ts'
import { OrderDirection, directionDescription } from '../order.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Node, WebhookDelivery } from '../refs.ts'
import { WebhookBodyFormat, WebhookEvent, WebhookMethod } from './webhook.ts'

const WebhookDeliveryStatus = builder.enumType('WebhookDeliveryStatus', {
  description: 'The status of a webhook delivery.',
  values: {
    PENDING: { value: 'pending', description: 'The delivery waits for earlier ones or for the next attempt.' },
    DELIVERED: { value: 'delivered', description: 'The receiver has answered with a status of 2xx.' },
    DEAD: {
      value: 'dead',
      description: 'The server has given up after `WEBHOOK_RETRY_HOURS`. `replayWebhookDelivery` sends it again.',
    },
  } as const,
})

/** What is sent next of the queue of a delivery that waits. */
async function headOf({ status, queueId }: WebhookDeliveryRow, { loaders }: Context) {
  return status === 'pending' ? loaders.queueHead().load(queueId) : undefined
}

WebhookDelivery.implement({
  description:
    'The delivery of a post-event to one address. Deliveries to the same address are sent in order per channel, at least once ' +
    'each, every time with the SID of the delivery in the header `webhook-id`.',
  interfaces: [Node],
  fields: (t) => ({
    event: t.field({ type: WebhookEvent, description: 'The event that is delivered.', resolve: ({ event }) => event }),
    subjectId: t.exposeID('subjectId', {
      description: 'SID of the channel of the event, or of the user for onUser… events.',
    }),
    url: t.exposeString('url', { description: 'The address to which the event is sent.' }),
    method: t.field({
      type: WebhookMethod,
      description: 'The HTTP method of the request.',
      resolve: ({ method }) => method,
    }),
    bodyFormat: t.field({
      type: WebhookBodyFormat,
      description: 'The format of the body, used when the method is POST.',
      resolve: ({ bodyFormat }) => bodyFormat,
    }),
    parameters: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      description: 'The parameters of the event, without RetryCount, which is the number of earlier attempts.',
      complexity: points.webhookDelivery,
      resolve: ({ parameters }) => new JsonText(parameters),
    }),
    status: t.field({
      type: WebhookDeliveryStatus,
      description: 'The status of the delivery.',
      resolve: ({ status }) => status,
    }),
    attempts: t.exposeInt('attempts', { description: 'The number of attempts made.' }),
    answerStatus: t.exposeInt('answerStatus', {
      nullable: true,
      description: 'HTTP status of the last answer; null before the first attempt and when there was no answer.',
    }),
    answer: t.exposeString('answer', {
      extensions: { isContent: true },
      nullable: true,
      description:
        'The body of the last answer, cut to 1,000 characters, or the reason why there was none; null before the first attempt.',
    }),
    ahead: t.int({
      nullable: true,
      description:
        'The number of deliveries to the same address, of earlier events of the same subject, that are sent before it; null unless it is PENDING. The one ' +
        'with 0 is attempted next, and holds back the others.',
      resolve: ({ status, number, doneNumber }) => (status === 'pending' ? number - doneNumber - 1 : null),
    }),
    behind: t.int({
      nullable: true,
      description: 'The number of deliveries that wait behind it; null unless it is PENDING.',
      resolve: ({ status, number, lastNumber }) => (status === 'pending' ? lastNumber - number : null),
    }),
    heldBackBy: t.field({
      type: WebhookDelivery,
      nullable: true,
      description:
        'The delivery that must arrive or be given up before it: the one that is attempted next; null when that is this one, and unless it is PENDING.',
      complexity: points.webhookDelivery,
      resolve: async (delivery, _args, context) => {
        const head = await headOf(delivery, context)
        return head && head.delivery.id !== delivery.id ? head.delivery : null
      },
    }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The time from which the delivery that is next in its order is attempted again; null while an attempt is under way, and unless it is PENDING.',
      resolve: async (delivery, _args, context) => (await headOf(delivery, context))?.nextAttemptAt,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the event happened.' }),
    attemptedAt: t.expose('attemptedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the last attempt; null before the first.',
    }),
  }),
})

const WebhookDeliveryConnection = builder.connectionObject(
  { type: WebhookDelivery, name: 'WebhookDeliveryConnection', description: 'A page of webhook deliveries.' },
  { name: 'WebhookDeliveryEdge', description: 'A webhook delivery and its position in the list.' },
)

const serviceArgument = 'SID of the service; the account’s default service when left out.'

builder.queryFields((t) => ({
  webhookDelivery: t.field({
    type: WebhookDelivery,
    nullable: true,
    description:
      'Backend only: the webhook delivery with this SID; null when there is none, as after `WEBHOOK_LOG_DAYS`.',
    args: { id: t.arg.id({ required: true, description: 'SID of the webhook delivery.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findWebhookDelivery(app, actor, id)),
  }),
  webhookDeliveries: t.connection(
    {
      type: WebhookDelivery,
      description:
        'Backend only: the webhook deliveries of a service by the time of their events, each with its status, the number of attempts and the last ' +
        'answer. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: pageCost(points.webhookDelivery),
      args: {
        serviceId: t.arg.id({ required: false, description: serviceArgument }),
        status: t.arg({
          type: WebhookDeliveryStatus,
          required: false,
          description: 'Only deliveries with this status; all by default.',
        }),
        event: t.arg({
          type: WebhookEvent,
          required: false,
          description: 'Only deliveries of this event; all by default.',
        }),
        subjectId: t.arg.id({
          required: false,
          description: 'SID of a channel or user. Only deliveries of its events are listed; all by default.',
        }),
        direction: t.arg({ type: OrderDirection, required: false, description: directionDescription }),
      },
      resolve: async (_root, { serviceId, status, event, subjectId, direction, ...page }, { app, actor }) => {
        const filter = { status, event, subjectId, isNewestFirst: direction === 'desc' }
        return toConnection(await listWebhookDeliveries(app, actor, serviceId, filter, page), ({ id }) => id)
      },
    },
    WebhookDeliveryConnection,
  ),
}))

const ReplayWebhookDeliveriesInput = builder.inputType('ReplayWebhookDeliveriesInput', {
  description: 'Input of `replayWebhookDeliveries`.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    since: t.field({
      type: 'DateTime',
      required: true,
      description: 'Only deliveries of events that happened at this time or later.',
    }),
    status: t.field({
      type: WebhookDeliveryStatus,
      required: false,
      description: 'Only deliveries with this status, DELIVERED or DEAD; both by default.',
    }),
  }),
})

builder.queryField('dryRunReplay', (t) =>
  t.field({
    type: builder.simpleObject('WebhookReplayDryRun', {
      description: 'The result of counting the deliveries that `replayWebhookDeliveries` would send again.',
      fields: (f) => ({
        count: f.int({ description: 'The number of deliveries, at most 10,000.' }),
        isComplete: f.boolean({ description: 'Whether all were counted. Counting ends at 10,000.' }),
        targets: f.field({
          type: [
            builder.simpleObject('WebhookReplayTarget', {
              description: 'An address to which deliveries would be sent again.',
              fields: (g) => ({
                url: g.string({ description: 'The address that the service has now for their events, or had before.' }),
                count: g.int({ description: 'The number of deliveries.' }),
              }),
            }),
          ],
          description: 'The addresses to which the counted ones would be sent, in no order.',
        }),
      }),
    }),
    description:
      'Backend only: counts what `replayWebhookDeliveries` would send again with the same input. Changes nothing.',
    complexity: 100,
    args: {
      input: t.arg({
        type: ReplayWebhookDeliveriesInput,
        required: true,
        description: 'The webhook deliveries that would be sent again.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => {
      const { targets, ...run } = await dryRunReplay(app, actor, input)
      return { ...run, targets: [...targets] }
    },
  }),
)

const ReplayWebhookDeliveryInput = builder.inputType('ReplayWebhookDeliveryInput', {
  description: 'Input of `replayWebhookDelivery`.',
  fields: (t) => ({
    webhookDeliveryId: t.id({ required: true, description: 'SID of the webhook delivery to send again.' }),
  }),
})

const SendTestWebhookInput = builder.inputType('SendTestWebhookInput', {
  description: 'Input of `sendTestWebhook`.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    event: t.field({ type: WebhookEvent, required: true, description: 'The event of which a sample is sent.' }),
  }),
})

builder.mutationFields((t) => ({
  replayWebhookDelivery: t.field({
    type: builder.simpleObject('ReplayWebhookDeliveryPayload', {
      description: 'Payload of `replayWebhookDelivery`.',
      fields: (f) => ({
        webhookDelivery: f.field({ type: WebhookDelivery, description: 'The webhook delivery, which waits again.' }),
      }),
    }),
    description:
      'Backend only: sends a webhook delivery again, with the same SID, to the address that the service has now for the event. It ' +
      'is sent after all deliveries that wait for the same address.',
    args: {
      input: t.arg({
        type: ReplayWebhookDeliveryInput,
        required: true,
        description: 'The webhook delivery to send again.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      webhookDelivery: await replayWebhookDelivery(app, actor, input.webhookDeliveryId),
    }),
  }),
  replayWebhookDeliveries: t.field({
    type: builder.simpleObject('ReplayWebhookDeliveriesPayload', {
      description: 'Payload of `replayWebhookDeliveries`.',
      fields: (f) => ({ count: f.int({ description: 'The number of webhook deliveries that are sent again.' }) }),
    }),
    description:
      'Backend only: sends all settled webhook deliveries of events since a time again, in the order in which the events happened. ' +
      'It is UNAVAILABLE when it has taken 10 seconds, and goes on; when the database fails meanwhile, the earlier ones are sent again all the same.',
    args: {
      input: t.arg({
        type: ReplayWebhookDeliveriesInput,
        required: true,
        description: 'The webhook deliveries to send again.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ count: await replayWebhookDeliveries(app, actor, input) }),
  }),
  sendTestWebhook: t.field({
    type: builder.simpleObject('SendTestWebhookPayload', {
      description: 'Payload of `sendTestWebhook`.',
      fields: (f) => ({
        url: f.string({ description: 'The address to which the sample was sent.' }),
        method: f.field({ type: WebhookMethod, description: 'The HTTP method of the request.' }),
        answerStatus: f.int({ nullable: true, description: 'HTTP status of the answer; null when there was none.' }),
        answer: f.string({
          description: 'The body of the answer, cut to 1,000 characters, or the reason why there was none.',
        }),
        milliseconds: f.int({ description: 'The duration of the request in milliseconds.' }),
      }),
    }),
    description:
      'Backend only: sends a sample of an event to the service’s webhook, signed like every other, and returns the answer. Nothing ' +
      'changes in the service.',
    args: { input: t.arg({ type: SendTestWebhookInput, required: true, description: 'The service and the event.' }) },
    resolve: (_root, { input }, { app, actor }) => sendTestWebhook(app, actor, input),
  }),
}))
