import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  cancelScheduledMessage,
  listScheduledMessages,
  listScheduledOfService,
  requireScheduled,
  scheduleMessage,
  updateScheduledMessage,
} from '../../../domain/chat/scheduled-message.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Channel, Node, ScheduledMessage, User } from '../refs.ts'
import { MessageContent, changedContentFields, contentFields } from './message-content.ts'
import { Viewer } from './viewer.ts'

const ScheduledMessageState = builder.enumType('ScheduledMessageState', {
  description: 'The states of a scheduled message.',
  values: {
    WAITING: { value: 'waiting', description: 'Its time has not come.' },
    SENDING: { value: 'sending', description: 'It is being sent, and cannot be changed any more.' },
    SENT: { value: 'sent', description: 'It was sent: `messageId` is the message.' },
    FAILED: { value: 'failed', description: 'It could not be sent: `failureCode` and `failureReason` say why.' },
    CANCELLED: { value: 'cancelled', description: 'Its author or the backend has cancelled it.' },
  } as const,
})

ScheduledMessage.implement({
  description:
    'A message that is sent in its author’s name at its time, within 5 seconds, with what the author may do then. Only its author and the ' +
    'backend see it. It is gone 30 days after it was sent, was cancelled or has failed.',
  interfaces: [Node, MessageContent],
  fields: (t) => ({
    authorIdentity: t.string({
      description: 'Identity of the user that has scheduled it.',
      resolve: async ({ userId }, _args, { loaders }) => (await loaders.user().load(userId))!.identity,
    }),
    author: t.field({
      type: User,
      description: 'The user that has scheduled it.',
      resolve: async ({ userId }, _args, { loaders }) => (await loaders.user().load(userId))!,
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel that it is sent to.' }),
    channel: t.field({
      type: Channel,
      nullable: true,
      description: 'The channel that it is sent to; null when the channel was deleted.',
      resolve: ({ channelId }, _args, { loaders }) => loaders.channel().load(channelId),
    }),
    clientMessageId: t.exposeString('clientMessageId', {
      nullable: true,
      description:
        'The id that the scheduling client chose; null when it chose none. The message itself gets another one.',
    }),
    sendAt: t.expose('sendAt', { type: 'DateTime', description: 'The time at which it is sent.' }),
    state: t.expose('state', { type: ScheduledMessageState, description: 'The state of the scheduled message.' }),
    failureCode: t.exposeString('failureCode', {
      nullable: true,
      description:
        'Why it was not sent: the `code` of the refusal, such as FORBIDDEN, or TOO_LATE when it could not be sent within 24 hours. Null unless it ' +
        'has failed.',
    }),
    failureReason: t.exposeString('failureReason', {
      nullable: true,
      description: 'Why it was not sent, in words for people; null unless it has failed.',
    }),
    messageId: t.exposeID('messageId', {
      nullable: true,
      description: 'SID of the message that was sent; null before.',
    }),
    version: t.exposeInt('version', { description: 'A number that grows with each change by its author.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which it was scheduled.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The time at which it last changed.' }),
  }),
})

const scheduledPayload = payloadOf('scheduledMessage', ScheduledMessage)

const sendAt = 'The time at which it is sent: in the future, and at most a year ahead.'

const expectedVersion =
  'The `version` that the caller has seen. When the scheduled message has another one, nothing is changed: CONFLICT, with that one as ' +
  '`currentVersion` in its extensions.'

const ScheduleMessageInput = builder.inputType('ScheduleMessageInput', {
  description: 'Input of `scheduleMessage`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    ...contentFields(t),
    clientMessageId: t.string({
      required: false,
      description:
        'An id that the client chooses, of at most 128 characters. A repetition with the same id returns what was scheduled first, and schedules ' +
        'nothing.',
    }),
    sendAt: t.field({ type: 'DateTime', required: true, description: sendAt }),
  }),
})

const UpdateScheduledMessageInput = builder.inputType('UpdateScheduledMessageInput', {
  description: 'Input of `updateScheduledMessage`. Fields that are left out keep their values.',
  fields: (t) => ({
    scheduledMessageId: t.id({ required: true, description: 'SID of the scheduled message.' }),
    ...changedContentFields(t),
    sendAt: t.field({
      type: 'DateTime',
      required: false,
      description: `${sendAt} One that has failed needs it to be sent again.`,
    }),
    expectedVersion: t.int({ required: false, description: expectedVersion }),
  }),
})

const CancelScheduledMessageInput = builder.inputType('CancelScheduledMessageInput', {
  description: 'Input of `cancelScheduledMessage`.',
  fields: (t) => ({
    scheduledMessageId: t.id({ required: true, description: 'SID of the scheduled message.' }),
    expectedVersion: t.int({ required: false, description: expectedVersion }),
  }),
})

const ScheduledMessageConnection = builder.connectionObject(
  { type: ScheduledMessage, name: 'ScheduledMessageConnection', description: 'A page of scheduled messages.' },
  { name: 'ScheduledMessageEdge', description: 'A scheduled message and its position in the list.' },
)

builder.objectFields(Viewer, (t) => ({
  scheduledMessages: t.connection(
    {
      type: ScheduledMessage,
      nullable: true,
      description:
        'The messages that the caller has scheduled, and those that could not be sent, by their time; null for the backend. Sent and cancelled ones are not listed. ' +
        '`first` or `last` is from 1 to 100, by default 25.',
      complexity: pageCost(points.message),
      resolve: async (viewer, args, { app }) => {
        if (viewer.kind !== 'user') return null
        const page = await listScheduledMessages(app, viewer, args)
        return toConnection(page, page.cursorOf)
      },
    },
    ScheduledMessageConnection,
  ),
}))

builder.queryFields((t) => ({
  scheduledMessage: t.field({
    type: ScheduledMessage,
    nullable: true,
    description:
      'The scheduled message with this SID; null when there is none. Users get their own, the backend any of its services.',
    args: { id: t.arg.id({ required: true, description: 'SID of the scheduled message.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => requireScheduled(app, actor, id)),
  }),
  scheduledMessages: t.connection(
    {
      type: ScheduledMessage,
      description:
        'Backend only: the messages that the users of a service have scheduled, in one state, by their time. NOT_FOUND when the user or the channel ' +
        'of the filter does not exist. A cursor belongs to its filter. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: pageCost(points.message),
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'SID of the service; the account’s default service when left out.',
        }),
        state: t.arg({
          type: ScheduledMessageState,
          required: false,
          description: 'The state of those that are listed; WAITING by default.',
        }),
        authorIdentity: t.arg.string({
          required: false,
          description: 'Identity of a user, or its SID. Only what this user has scheduled is listed; all by default.',
        }),
        channelId: t.arg.id({
          required: false,
          description: 'SID or unique name of a channel. Only messages to this channel are listed; all by default.',
        }),
      },
      resolve: async (_root, { serviceId, state, authorIdentity, channelId, ...args }, { app, actor }) => {
        const filter = { serviceId, state, authorIdentity, channelId }
        const page = await listScheduledOfService(app, actor, filter, args)
        return toConnection(page, page.cursorOf)
      },
    },
    ScheduledMessageConnection,
  ),
}))

builder.mutationFields((t) => ({
  scheduleMessage: t.field({
    type: scheduledPayload('scheduleMessage', 'The scheduled message.'),
    description:
      'Schedules a message in the caller’s name. Permissions, rules and webhooks have their say when it is sent. At most 100 messages of a user wait or ' +
      'have failed (CONFLICT). Users only. Needs the permission `sendMessage`. FORBIDDEN 50400 for users who are not members.',
    args: { input: t.arg({ type: ScheduleMessageInput, required: true, description: 'The message and its time.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      scheduledMessage: await scheduleMessage(app, actor, input),
    }),
  }),
  updateScheduledMessage: t.field({
    type: scheduledPayload('updateScheduledMessage', 'The scheduled message as it is now.'),
    description:
      'Changes a scheduled message of the caller, or schedules again one that has failed. CONFLICT once it is being sent, was sent or was cancelled. ' +
      'Users only.',
    args: {
      input: t.arg({
        type: UpdateScheduledMessageInput,
        required: true,
        description: 'The scheduled message and its changes.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      scheduledMessage: await updateScheduledMessage(app, actor, input),
    }),
  }),
  cancelScheduledMessage: t.field({
    type: scheduledPayload('cancelScheduledMessage', 'The scheduled message, without its text.'),
    description:
      'Cancels a scheduled message, or removes one that has failed from its author’s list. CONFLICT once it is being sent or was sent. Users may cancel ' +
      'their own, the backend any.',
    args: {
      input: t.arg({
        type: CancelScheduledMessageInput,
        required: true,
        description: 'The scheduled message to cancel.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      scheduledMessage: await cancelScheduledMessage(app, actor, input),
    }),
  }),
}))
