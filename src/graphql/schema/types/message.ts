import { nullIfHidden } from '../../../domain/access/authority.ts'
import { deleteMessage, requireMessage, updateMessage, type ChangedMessage } from '../../../domain/chat/message.ts'
import { sendMessage } from '../../../domain/chat/send-message.ts'
import { toCursor } from '../../../model/cursor.ts'
import { JsonText } from '../../../model/json-text.ts'
import { systemAuthor, type Message as MessageModel } from '../../../model/message.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import type { Loaders } from '../loaders.ts'
import { Channel, Member, Message, Node, User } from '../refs.ts'
import { writeCursorDescription } from '../write-cursor.ts'

Message.implement({
  description: 'Something said in a channel.',
  interfaces: [Node],
  fields: (t) => ({
    index: t.exposeInt('index', {
      description:
        'Its number in the channel, from 0, without gaps. Given again only when the database has lost the message that had it.',
    }),
    cursor: t.string({
      description: 'Its place in the channel: what every `after` and `before` of this channel takes.',
      resolve: (message, _args, { history }) => toCursor(message.channelId, message, history),
    }),
    body: t.exposeString('body', {
      description: 'As it was sent; at most 32 KiB. Empty once deleted.',
      complexity: points.body,
    }),
    authorIdentity: t.exposeString('author', { description: 'An identity, or `system` for the backend.' }),
    author: t.field({
      type: User,
      nullable: true,
      description: 'The user with that identity; null for `system` and for identities that are no user.',
      resolve: async (message, _args, { loaders }) => (await participantOf(message, loaders))?.user,
    }),
    member: t.field({
      type: Member,
      nullable: true,
      description: 'The author’s membership, while it is a member.',
      resolve: async (message, _args, { loaders }) => (await participantOf(message, loaders))?.member,
    }),
    attributes: t.field({
      type: 'JSON',
      description:
        'Whatever the application sends along; at most 4 KiB as JSON. `{}` when there are none, or what is stored cannot be read.',
      complexity: points.messageAttributes,
      resolve: (message) => new JsonText(message.attributes),
    }),
    clientMessageId: t.exposeString('clientMessageId', {
      nullable: true,
      description:
        'What the client that sent it named it, for every member to see: a client finds its own message by it in its stream. Null when it was ' +
        'sent without a name.',
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the channel it was said in.' }),
    channel: t.field({
      type: Channel,
      description: 'Where it was said.',
      resolve: async (message, _args, { loaders }) => (await loaders.channel().load(message.channelId))!,
    }),
    wasEdited: t.boolean({
      description: 'Whether it has changed since it was sent.',
      resolve: (message) => message.lastUpdatedBy !== null,
    }),
    lastUpdatedBy: t.exposeString('lastUpdatedBy', { nullable: true, description: 'Who changed it last, if anyone.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was committed.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

async function participantOf({ author, channelId }: MessageModel, loaders: Loaders) {
  return author === systemAuthor ? undefined : loaders.participant().load({ channelId, identity: author })
}

export const MessageEdge = builder.edgeObject({
  type: Message,
  name: 'MessageEdge',
  description: 'A message and its cursor.',
})

export const MessageConnection = builder.connectionObject(
  {
    type: Message,
    name: 'MessageConnection',
    description: 'A page of messages.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Number of messages in the channel, without the deleted ones: the same as `messagesCount`.',
        resolve: ({ totalCount }) => totalCount!,
      }),
    }),
  },
  MessageEdge,
)

const payload = (name: string, description: string) =>
  builder.objectRef<ChangedMessage>(name).implement({
    description,
    fields: (t) => ({
      message: t.expose('message', { type: Message, description: 'As it is now.' }),
      cursor: t.string({
        description: writeCursorDescription,
        resolve: ({ message, position }, _args, { history }) => toCursor(message.channelId, position, history),
      }),
    }),
  })

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'What to say where.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name.' }),
    body: t.string({ required: true, description: 'At most 32 KiB in UTF-8 (50504); may be empty; no U+0000.' }),
    attributes: t.field({ type: 'JSON', required: false, description: 'At most 4 KiB.' }),
    clientMessageId: t.string({
      required: false,
      description:
        'Chosen by the client, at most 128 characters: sending again with the same one in the same channel answers the first ' +
        'message and makes no second.',
    }),
    authorIdentity: t.string({ required: false, description: 'Backend only: in whose name. `system` by default.' }),
  }),
})

const UpdateMessageInput = builder.inputType('UpdateMessageInput', {
  description: 'What to change; what is left out stays.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message.' }),
    channelId: t.id({ required: false, description: 'SID or unique name: only if it was said in this channel.' }),
    body: t.string({ required: false, description: 'As in SendMessageInput.' }),
    attributes: t.field({ type: 'JSON', required: false, description: 'Replaces all; at most 4 KiB.' }),
  }),
})

const DeleteMessageInput = builder.inputType('DeleteMessageInput', {
  description: 'Which message.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message.' }),
    channelId: t.id({ required: false, description: 'SID or unique name: only if it was said in this channel.' }),
  }),
})

builder.queryFields((t) => ({
  message: t.field({
    type: Message,
    nullable: true,
    description: 'One message, or null when it does not exist for the caller.',
    args: {
      id: t.arg.id({ required: true, description: 'SID of the message.' }),
      channelId: t.arg.id({ required: false, description: 'SID or unique name: only if it was said in this channel.' }),
    },
    resolve: (_root, { id, channelId }, { app, actor }) =>
      nullIfHidden(async () => (await requireMessage(app, actor, id, channelId)).message),
  }),
}))

builder.mutationFields((t) => ({
  sendMessage: t.field({
    type: payload('SendMessagePayload', 'The message, committed.'),
    description: 'Sends a message (sendMessage). Not a member: FORBIDDEN 50400.',
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'What, where.' }) },
    resolve: async (_root, { input }, { app, actor }) => {
      const message = await sendMessage(app, actor, input)
      return { message, position: message }
    },
  }),
  updateMessage: t.field({
    type: payload('UpdateMessagePayload', 'The changed message.'),
    description: 'Edits a message: one’s own (editOwnMessage…) or any (editAnyMessage…).',
    args: { input: t.arg({ type: UpdateMessageInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input: { messageId, ...change } }, { app, actor }) =>
      updateMessage(app, actor, { id: messageId, ...change }),
  }),
  deleteMessage: t.field({
    type: payload('DeleteMessagePayload', 'What is left of the message.'),
    description: 'Deletes a message: one’s own (deleteOwnMessage) or any (deleteAnyMessage). Its index stays taken.',
    args: { input: t.arg({ type: DeleteMessageInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { app, actor }) =>
      deleteMessage(app, actor, { id: input.messageId, channelId: input.channelId }),
  }),
}))
