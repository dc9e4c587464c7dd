import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  findNotice,
  listNotices,
  replayNotice,
  replayNotices,
  sendTestWebhook,
} from '../../../domain/webhooks/notice.ts'
import { JsonText } from '../../../model/json-text.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Node, WebhookNotice } from '../refs.ts'
import { WebhookBodyFormat, WebhookEvent, WebhookMethod } from './webhook.ts'

const WebhookNoticeStatus = builder.enumType('WebhookNoticeStatus', {
  description: 'How far the delivery of a notice has come.',
  values: {
    PENDING: { value: 'pending', description: 'It waits for its turn, or for the next attempt.' },
    DELIVERED: { value: 'delivered', description: 'Its receiver has answered with 2xx.' },
    DEAD: { value: 'dead', description: 'Given up after `WEBHOOK_RETRY_HOURS`; replayWebhookNotice tries again.' },
  } as const,
})

WebhookNotice.implement({
  description:
    'A post-event on its way to one address: delivered in order per channel and address, at least once, each time with the ' +
    'notice’s id in the header `webhook-id`.',
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
      complexity: points.notice,
      resolve: ({ parameters }) => new JsonText(parameters),
    }),
    status: t.field({
      type: WebhookNoticeStatus,
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

const WebhookNoticeConnection = builder.connectionObject(
  { type: WebhookNotice, name: 'WebhookNoticeConnection', description: 'A page of notices.' },
  { name: 'WebhookNoticeEdge', description: 'A notice and its place in the list.' },
)

const serviceArgument = 'The account’s default service when left out.'

builder.queryFields((t) => ({
  webhookNotice: t.field({
    type: WebhookNotice,
    nullable: true,
    description: 'Backend only: one notice, or null when there is none, as after `WEBHOOK_LOG_DAYS`.',
    args: { id: t.arg.id({ required: true, description: 'SID of the notice.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findNotice(app, actor, id)),
  }),
  webhookNotices: t.connection(
    {
      type: WebhookNotice,
      description:
        'Backend only: what the webhooks of a service are told or were told, oldest first: each delivery with its status, its ' +
        'attempts and the last answer. `first` or `last` from 1 to 1,000, 25 by default.',
      complexity: pageCost(points.notice),
      args: {
        serviceId: t.arg.id({ required: false, description: serviceArgument }),
        status: t.arg({ type: WebhookNoticeStatus, required: false, description: 'Only these.' }),
        event: t.arg({ type: WebhookEvent, required: false, description: 'Only these.' }),
        subjectId: t.arg.id({ required: false, description: 'Only those of this channel or user.' }),
      },
      resolve: async (_root, { serviceId, status, event, subjectId, ...page }, { app, actor }) =>
        toConnection(await listNotices(app, actor, serviceId, { status, event, subjectId }, page), ({ id }) => id),
    },
    WebhookNoticeConnection,
  ),
}))

const ReplayWebhookNoticeInput = builder.inputType('ReplayWebhookNoticeInput', {
  description: 'Which notice.',
  fields: (t) => ({ noticeId: t.id({ required: true, description: 'SID of the notice.' }) }),
})

const ReplayWebhookNoticesInput = builder.inputType('ReplayWebhookNoticesInput', {
  description: 'Which notices.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    since: t.field({ type: 'DateTime', required: true, description: 'Everything that happened then or later.' }),
    status: t.field({ type: WebhookNoticeStatus, required: false, description: 'Only DELIVERED, or only DEAD.' }),
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
  replayWebhookNotice: t.field({
    type: builder.simpleObject('ReplayWebhookNoticePayload', {
      description: 'The notice.',
      fields: (f) => ({ notice: f.field({ type: WebhookNotice, description: 'As it waits now.' }) }),
    }),
    description:
      'Backend only: tells it again, with the same id, after all that waits for the same address, which is the one that the ' +
      'service has for the event now.',
    args: { input: t.arg({ type: ReplayWebhookNoticeInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ notice: await replayNotice(app, actor, input.noticeId) }),
  }),
  replayWebhookNotices: t.field({
    type: builder.simpleObject('ReplayWebhookNoticesPayload', {
      description: 'What is told again.',
      fields: (f) => ({ count: f.int({ description: 'How many notices.' }) }),
    }),
    description: 'Backend only: the same for everything since a time, in the order in which it happened.',
    args: { input: t.arg({ type: ReplayWebhookNoticesInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ count: await replayNotices(app, actor, input) }),
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
