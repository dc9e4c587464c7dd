import { listRepliers, listReplies } from '../../../domain/chat/thread.ts'
import { toCursor } from '../../../model/cursor.ts'
import { limits } from '../../../model/limits.ts'
import type { Message as MessageModel } from '../../../model/message.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { extrasOf, pick } from '../message-extras.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Message, User } from '../refs.ts'

const ReplyEdge = builder.edgeObject({
  type: Message,
  name: 'ReplyEdge',
  description: 'A reply and its position in the channel.',
})

const ReplyConnection = builder.connectionObject(
  { type: Message, name: 'ReplyConnection', description: 'A page of the replies to a message.' },
  ReplyEdge,
)

const Quote = builder.objectRef<MessageModel>('Quote').implement({
  description: 'A message that another one quotes.',
  fields: (t) => ({
    messageId: t.id({
      description: 'SID of the quoted message, also when it is gone.',
      resolve: ({ quotedId }) => quotedId!,
    }),
    message: t.field({
      type: Message,
      nullable: true,
      description:
        'The quoted message as it is now; with `deletedAt` and no text when it was deleted since, and null when it is truncated.',
      complexity: points.message,
      resolve: (message, _args, { loaders }) =>
        message.quoted === undefined ? loaders.quoted().load(message) : message.quoted,
    }),
  }),
})

builder.objectFields(Message, (t) => ({
  parentIndex: t.int({
    nullable: true,
    description: 'Index of the message to which this is a reply; null when it is no reply.',
    resolve: ({ parentIndex }) => parentIndex ?? null,
  }),
  parent: t.field({
    type: Message,
    nullable: true,
    description:
      'The message to which this is a reply: on `MessageAdded` and `MessageRemoved` with the counts that the reply has led to. Null when this is no ' +
      'reply, and when what it answered is truncated.',
    complexity: points.message,
    resolve: (message, _args, { loaders }) => {
      if (message.parentIndex == null) return null
      const { channelId, parentIndex: index } = message
      return message.parent === undefined ? loaders.parent().load({ channelId, index }) : message.parent
    },
  }),
  isShownInChannel: t.boolean({
    description: 'Whether the channel shows the message: false for replies that were sent without `showInChannel`.',
    resolve: ({ hiddenRun }) => hiddenRun == null,
  }),
  isSilent: t.boolean({
    description: 'Whether the message was sent with `silent`, and so counts for no unread and no notification.',
    resolve: ({ isSilent }) => isSilent === true,
  }),
  quote: t.field({
    type: Quote,
    nullable: true,
    description: 'The message that this one quotes; null when it quotes nothing.',
    resolve: (message) => (message.quotedId == null || message.deletedAt ? null : message),
  }),
  replyCount: t.int({
    description: 'The number of replies to the message that are not deleted.',
    resolve: (message, _args, context) => pick(message, context, (extras) => extras?.replyCount ?? 0) as never,
  }),
  lastReplyAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'The time of the newest reply that is not deleted; null when there is none.',
    resolve: (message, _args, context) => pick(message, context, (extras) => extras?.lastReplyAt ?? null) as never,
  }),
  repliers: t.field({
    type: [User],
    description: `Users who have replied, who did so first is first. Left out are those who no longer exist, and \`system\`.`,
    args: {
      first: t.arg.int({
        required: false,
        description: `The number of authors of replies to look at, from 1 to ${limits.repliers}; 3 by default.`,
      }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.max(1, first ?? 3) }),
    resolve: async (message, { first }, context) => {
      const { channelId } = message
      const found = await Promise.all(
        listRepliers(await extrasOf(message, context), first).map((identity) =>
          context.loaders.participant().load({ channelId, identity }),
        ),
      )
      return found.flatMap((participant) => participant?.user ?? [])
    },
  }),
  replies: t.connection(
    {
      type: Message,
      description:
        'The replies to the message by index, without deleted ones. `after` and `before` take any cursor of the channel. `first` or `last` is ' +
        'from 1 to 100 (backend: 1,000), by default 25.',
      complexity: pageCost(points.message),
      resolve: async (message, args, { loaders, actor, history }) =>
        toConnection(await listReplies(actor, message, args, (page) => loaders.replies().load(page)), (reply) =>
          toCursor(message.channelId, reply, history),
        ),
    },
    ReplyConnection,
    ReplyEdge,
  ),
}))
