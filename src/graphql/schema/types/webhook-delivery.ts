import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  findWebhookDelivery,
  listWebhookDeliveries,
  replayWebhookDelivery,
  replayWebhookDeliveries,
  sendTestWebhook,
} from '../../../domain/webhooks/webhook-delivery.ts'
import { JsonText } from '../../../model/json-text.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Node, WebhookDelivery } from '../refs.ts'
import { WebhookBodyFormat, WebhookEvent, WebhookMethod } from './webhook.ts'

const WebhookDeliveryStatus = builder.enumType('WebhookDeliveryStatus', {
  description: 'How far a webhook delivery has come.',
  values: {
    PENDING: { value: 'pending', description: 'It waits for its turn, or for the next attempt.' },
    DELIVERED: { value: 'delivered', description: 'Its receiver has answered with 2xx.' },
    DEAD: { value: 'dead', description: 'Given up after `WEBHOOK_RETRY_HOURS`; replayWebhookDelivery tries again.' },
  } as const,
})

WebhookDelivery.implement({
  description:
    'A post-event on its way to one address: delivered in order per channel and address, at least once, each time with the ' +
    'delivery’s id in the header `webhook-id`.',
  interfaces: [Node],
  fields: (t) => ({
    event: t.field({ type: WebhookEvent, description: 'What it tells of.', resolve: ({ event }) => event }),
    subjectId: t.exposeID('subjectId', {
      description: 'SID of the channel it tells of; of the user for onUser… events.',
    }),
    url: t.exposeString('url', { description: 'Where it goes.' }),
    method: t.field({ type: WebhookMethod, description: 'How it goes there.', resolve: ({ method }) => method }),
    bodyFormat: t.field({
      type: WebhookBodyFormat,
      description: 'The format of its body, if it goes by POST.',
      resolve: ({ bodyFormat }) => bodyFormat,
    }),
    parameters: t.field({
      type: 'JSON',
      description: 'What is told; without RetryCount, which is the number of attempts before.',
      complexity: points.webhookDelivery,
      resolve: ({ parameters }) => new JsonText(parameters),
    }),
    status: t.field({
      type: WebhookDeliveryStatus,
      description: 'How far it has come.',
      resolve: ({ status }) => status,
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    answerStatus: t.exposeInt('answerStatus', {
      nullable: true,
      description: 'HTTP status of the last answer; null before the first, and where there was none.',
    }),
    answer: t.exposeString('answer', {
      nullable: true,
      description: 'What was answered last, at most 1,000 characters, or why nothing was.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it happened.' }),
    attemptedAt: t.expose('attemptedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was tried last.',
    }),
  }),
})

const WebhookDeliveryConnection = builder.connectionObject(
  { type: WebhookDelivery, name: 'WebhookDeliveryConnection', description: 'A page of webhook deliveries.' },
  { name: 'WebhookDeliveryEdge', description: 'A delivery and its place in the list.' },
)

const serviceArgument = 'The account’s default service when left out.'

builder.queryFields((t) => ({
  webhookDelivery: t.field({
    type: WebhookDelivery,
    nullable: true,
    description: 'Backend only: one delivery, or null when there is none, as after `WEBHOOK_LOG_DAYS`.',
    args: { id: t.arg.id({ required: true, description: 'SID of the delivery.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findWebhookDelivery(app, actor, id)),
  }),
  webhookDeliveries: t.connection(
    {
      type: WebhookDelivery,
      description:
        'Backend only: what the webhooks of a service are told or were told, oldest first: each delivery with its status, its ' +
        'attempts and the last answer. `first` or `last` from 1 to 1,000, 25 by default.',
      complexity: pageCost(points.webhookDelivery),
      args: {
        serviceId: t.arg.id({ required: false, description: serviceArgument }),
        status: t.arg({ type: WebhookDeliveryStatus, required: false, description: 'Only these.' }),
        event: t.arg({ type: WebhookEvent, required: false, description: 'Only these.' }),
        subjectId: t.arg.id({ required: false, description: 'Only those of this channel or user.' }),
      },
      resolve: async (_root, { serviceId, status, event, subjectId, ...page }, { app, actor }) =>
        toConnection(
          await listWebhookDeliveries(app, actor, serviceId, { status, event, subjectId }, page),
          ({ id }) => id,
        ),
    },
    WebhookDeliveryConnection,
  ),
}))

const ReplayWebhookDeliveryInput = builder.inputType('ReplayWebhookDeliveryInput', {
  description: 'Which delivery.',
  fields: (t) => ({ webhookDeliveryId: t.id({ required: true, description: 'SID of the delivery.' }) }),
})

const ReplayWebhookDeliveriesInput = builder.inputType('ReplayWebhookDeliveriesInput', {
  description: 'Which webhook deliveries.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    since: t.field({ type: 'DateTime', required: true, description: 'Everything that happened then or later.' }),
    status: t.field({ type: WebhookDeliveryStatus, required: false, description: 'Only DELIVERED, or only DEAD.' }),
  }),
})

const SendTestWebhookInput = builder.inputType('SendTestWebhookInput', {
  description: 'Whose webhook, and what it is called with.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    event: t.field({ type: WebhookEvent, required: true, description: 'A sample of this event is sent.' }),
  }),
})

builder.mutationFields((t) => ({
  replayWebhookDelivery: t.field({
    type: builder.simpleObject('ReplayWebhookDeliveryPayload', {
      description: 'The delivery.',
      fields: (f) => ({ webhookDelivery: f.field({ type: WebhookDelivery, description: 'As it waits now.' }) }),
    }),
    description:
      'Backend only: tells it again, with the same id, after all that waits for the same address, which is the one that the ' +
      'service has for the event now.',
    args: { input: t.arg({ type: ReplayWebhookDeliveryInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      webhookDelivery: await replayWebhookDelivery(app, actor, input.webhookDeliveryId),
    }),
  }),
  replayWebhookDeliveries: t.field({
    type: builder.simpleObject('ReplayWebhookDeliveriesPayload', {
      description: 'What is told again.',
      fields: (f) => ({ count: f.int({ description: 'How many webhook deliveries.' }) }),
    }),
    description: 'Backend only: the same for everything since a time, in the order in which it happened.',
    args: { input: t.arg({ type: ReplayWebhookDeliveriesInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ count: await replayWebhookDeliveries(app, actor, input) }),
  }),
  sendTestWebhook: t.field({
    type: builder.simpleObject('SendTestWebhookPayload', {
      description: 'What came of it.',
      fields: (f) => ({
        url: f.string({ description: 'Where it was sent.' }),
        method: f.field({ type: WebhookMethod, description: 'How it was sent.' }),
        answerStatus: f.int({ nullable: true, description: 'HTTP status of the answer; null where there was none.' }),
        answer: f.string({ description: 'What was answered, at most 1,000 characters, or why nothing was.' }),
        milliseconds: f.int({ description: 'How long it took.' }),
      }),
    }),
    description:
      'Backend only: calls the service’s webhook with a sample of an event, signed like all others, and answers with its ' +
      'answer. Nothing happens in the service.',
    args: { input: t.arg({ type: SendTestWebhookInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { app, actor }) => sendTestWebhook(app, actor, input),
  }),
}))
