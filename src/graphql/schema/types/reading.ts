import {
  markAllRead,
  markChannelsRead,
  markRead,
  markUnread,
  type ChannelReadResult,
} from '../../../domain/chat/reading.ts'
import { builder } from '../builder.ts'
import { toCallerError } from '../errors.ts'
import { payloadOf } from '../payload.ts'
import { Member } from '../refs.ts'

const channelId = { required: true, description: 'SID or unique name of the channel.' } as const
const throughIndex = {
  required: true,
  description:
    'Index of the newest message that the user has read, which must be a message of the channel (50406). The horizon never goes back: ' +
    'an index below `lastReadIndex` leaves it where it is.',
} as const

const MarkReadInput = builder.inputType('MarkReadInput', {
  description: 'Input of `markRead`.',
  fields: (t) => ({ channelId: t.id(channelId), throughIndex: t.int(throughIndex) }),
})

const ChannelReadInput = builder.inputType('ChannelReadInput', {
  description: 'The newest message that the user has read in one channel.',
  fields: (t) => ({ channelId: t.id(channelId), throughIndex: t.int(throughIndex) }),
})

const MarkChannelsReadInput = builder.inputType('MarkChannelsReadInput', {
  description: 'Input of `markChannelsRead`.',
  fields: (t) => ({
    reads: t.field({
      type: [ChannelReadInput],
      required: true,
      description: 'The channels and how far the user has read in each, at most 100.',
    }),
  }),
})

const MarkUnreadInput = builder.inputType('MarkUnreadInput', {
  description: 'Input of `markUnread`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the first message that is to be unread.' }),
  }),
})

const ItemError = builder.simpleObject('ItemError', {
  description:
    'The reason for which one item of several was refused, as `extensions` of an entry in `errors` would have it.',
  fields: (t) => ({
    code: t.string({ description: 'The code of the error, such as `NOT_FOUND`.' }),
    chatCode: t.int({
      nullable: true,
      description: 'The number that Programmable Chat has for the rule; null where it has none.',
    }),
    message: t.string({ description: 'A sentence for people, which may change.' }),
  }),
})

const MarkChannelsReadResult = builder.objectRef<ChannelReadResult>('MarkChannelsReadResult').implement({
  description: 'The outcome for one item of `reads`.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'The channel as the item named it.' }),
    member: t.expose('member', {
      type: Member,
      nullable: true,
      description: 'The membership of the user as it is now; null when the item was refused.',
    }),
    error: t.field({
      type: ItemError,
      nullable: true,
      description: 'The reason for which the item was refused; null when it was written.',
      resolve: ({ error }, _args, { app }) => {
        if (error === undefined) return null
        const { extensions, message } = toCallerError(error, app.logger)
        const { code, chatCode } = extensions as { readonly code: string; readonly chatCode?: number }
        return { code, chatCode: chatCode ?? null, message }
      },
    }),
  }),
})

const MarkChannelsReadPayload = builder.simpleObject('MarkChannelsReadPayload', {
  description: 'Payload of `markChannelsRead`.',
  fields: (t) => ({
    results: t.field({
      type: [MarkChannelsReadResult],
      description: 'The outcomes, in the order of `reads`.',
    }),
  }),
})

const MarkAllReadPayload = builder.simpleObject('MarkAllReadPayload', {
  description: 'Payload of `markAllRead`.',
  fields: (t) => ({
    channelIds: t.idList({ description: 'SIDs of the channels in which something was unread.' }),
  }),
})

const memberPayload = payloadOf('member', Member)

builder.mutationFields((t) => ({
  markRead: t.field({
    type: memberPayload('markRead', 'The membership of the user as it is now.'),
    description:
      'Moves the read horizon of the calling user in a channel forwards, and ends what `markUnread` has set there. Needs membership. CONFLICT ' +
      'while the service’s `readStatusEnabled` is off. It has no cursor, since it is no change of the channel.',
    args: {
      input: t.arg({ type: MarkReadInput, required: true, description: 'The channel and how far it was read.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ member: await markRead(app, actor, input) }),
  }),
  markChannelsRead: t.field({
    type: MarkChannelsReadPayload,
    description:
      'Moves the read horizons of the calling user in several channels, as `markRead` does in one. Each item has an outcome of its own: when ' +
      'one is refused, the others are written. CONFLICT while the service’s `readStatusEnabled` is off.',
    complexity: ({ input }) => ({ field: 1 + input.reads.length, multiplier: Math.max(1, input.reads.length) }),
    args: {
      input: t.arg({
        type: MarkChannelsReadInput,
        required: true,
        description: 'The channels and how far they were read.',
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      results: await markChannelsRead(app, actor, input.reads),
    }),
  }),
  markAllRead: t.field({
    type: MarkAllReadPayload,
    description:
      'Moves the read horizon of the calling user to the newest message of each channel in which the user has unread ones or unread mentions, muted, ' +
      'archived and hidden channels included, and marks the threads that the user follows as read. CONFLICT while the service’s `readStatusEnabled` is off.',
    complexity: 100,
    resolve: async (_root, _args, { app, actor }) => ({ channelIds: await markAllRead(app, actor) }),
  }),
  markUnread: t.field({
    type: memberPayload('markUnread', 'The membership of the user as it is now.'),
    description:
      'Makes a message and all that follow it unread for the calling user, and all before it read, until the user reads or sends in the channel ' +
      'again. `lastReadIndex` stays. Needs membership. CONFLICT while the service’s `readStatusEnabled` is off.',
    args: { input: t.arg({ type: MarkUnreadInput, required: true, description: 'The first message to be unread.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ member: await markUnread(app, actor, input.messageId) }),
  }),
}))
