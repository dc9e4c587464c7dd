import { nullIfHidden } from '../../../domain/access/authority.ts'
import { listEdits, toEditCursor } from '../../../domain/chat/message-edits.ts'
import { deleteMessage, findMessage, updateMessage, type ChangedMessage } from '../../../domain/chat/message.ts'
import { pageOfMembers, readersOf, receiversOf } from '../../../domain/chat/receipt.ts'
import { sendMessage } from '../../../domain/chat/send-message.ts'
import { toCursor } from '../../../model/cursor.ts'
import { JsonText } from '../../../model/json-text.ts'
import type { Member as MemberModel } from '../../../model/member.ts'
import {
  revisionOf,
  systemAuthor,
  type Message as MessageModel,
  type MessageEdit as MessageEditModel,
} from '../../../model/message.ts'
import type { PageArgs } from '../../../model/page.ts'
import type { Receipt } from '../../../model/receipt.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { points } from '../cost.ts'
import type { Loaders } from '../loaders.ts'
import { pick, type Extras } from '../message-extras.ts'
import { connectionCost, pageCost, toConnection } from '../pagination.ts'
import type { FieldRate } from '../rate-limit-plugin.ts'
import { Channel, Member, Message, Node, ReactionGroup, User, type ReactionGroupRoot } from '../refs.ts'
import { writeCursorDescription } from '../write-cursor.ts'
import { MemberConnection, MemberEdge } from './member.ts'
import { MentionsInput, changedContentFields, contentFields } from './message-content.ts'

const noReceipts =
  'Null in channels with more members than the service’s `readReceiptsMaxMembers`, and while its `readStatusEnabled` is off.'
const notOfHidden = 'Null also of replies that the channel does not show.'
const recipients = 'without its author and without those who joined after it'
const readers = `members who have marked the message as read, ${recipients}; nobody with \`readReceiptsEnabled\` off`
const receivers = `members of whom a device has received the message, ${recipients}`

type Recipients = (receipts: readonly Receipt[], message: MessageModel) => MemberModel[] | null

const countOf =
  (recipientsOf: Recipients) =>
  async (message: MessageModel, _args: object, { loaders }: Context) => {
    const receipts = await loaders.receipts().load(message.channelId)
    return receipts && (recipientsOf(receipts, message)?.length ?? null)
  }

const pageOf =
  (recipientsOf: Recipients) =>
  async (message: MessageModel, args: PageArgs, { loaders, actor }: Context) => {
    const receipts = await loaders.receipts().load(message.channelId)
    const members = receipts && recipientsOf(receipts, message)
    if (!members) return null
    return toConnection(await pageOfMembers(actor, members, args), (member) => member.id, members.length)
  }

const MessageEdit = builder.objectRef<MessageEditModel>('MessageEdit').implement({
  description: 'A message as it was before an edit.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'The number of this version; 1 is the message as it was sent.' }),
    body: t.exposeString('body', {
      extensions: { isContent: true },
      description: 'The text of this version, at most 32 KiB in UTF-8.',
      complexity: points.body,
    }),
    attributes: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      description: 'Data of the application in this version, at most 4 KiB as JSON.',
      complexity: points.messageAttributes,
      resolve: ({ attributes }) => new JsonText(attributes),
    }),
    writtenBy: t.exposeString('writtenBy', {
      description: 'Identity of the user who wrote this version, or `system` for the backend.',
    }),
    writtenAt: t.expose('writtenAt', {
      type: 'DateTime',
      description: 'The time at which this version was sent, or made by an edit.',
    }),
  }),
})

function groupsOf({ channelId, index }: MessageModel, extras: Extras): ReactionGroupRoot[] {
  return (extras?.reactions ?? []).map((counted) => ({
    ...counted,
    channelId,
    index,
    reactionsSeq: extras!.reactionsSeq,
  }))
}

Message.implement({
  description: 'A message in a channel.',
  interfaces: [Node],
  fields: (t) => ({
    index: t.exposeInt('index', {
      description:
        'The number of the message in its channel, counted from 0 without gaps. An index is used again only when the database has ' +
        'lost the message that had it.',
    }),
    revision: t.int({
      description:
        'The number, in its channel, of the change that made the message what it is, or that others have added to it last. Of two readings ' +
        'of a message the one with the higher revision is the newer.',
      resolve: (message, _args, context) => pick(message, context, (extras) => revisionOf(message, extras)) as never,
    }),
    cursor: t.string({
      description: 'The position of the message in its channel, which every `after` and `before` of the channel takes.',
      resolve: (message, _args, { history }) => toCursor(message.channelId, message, history),
    }),
    body: t.exposeString('body', {
      extensions: { isContent: true },
      description:
        'The text, at most 32 KiB in UTF-8. Empty after the message was deleted. While `streamState` is STREAMING it may be 2 seconds old.',
      complexity: points.body,
    }),
    authorIdentity: t.exposeString('author', { description: 'Identity of the author, or `system` for the backend.' }),
    author: t.field({
      type: User,
      nullable: true,
      description: 'The user with the author’s identity; null for `system` and when no user has this identity.',
      resolve: async (message, _args, { loaders }) => (await participantOf(message, loaders))?.user,
    }),
    member: t.field({
      type: Member,
      nullable: true,
      description: 'The membership of the author in the channel; null while the author is not a member.',
      resolve: async (message, _args, { loaders }) => (await participantOf(message, loaders))?.member,
    }),
    attributes: t.field({
      type: 'JSON',
      extensions: { isContent: true },
      description:
        'Data of the application, at most 4 KiB as JSON. `{}` when there is none, or when the stored value cannot be read.',
      complexity: points.messageAttributes,
      resolve: (message) => new JsonText(message.attributes),
    }),
    clientMessageId: t.exposeString('clientMessageId', {
      nullable: true,
      description:
        'The id that the sending client chose, visible to all members; null when it chose none. By it a client recognizes its own ' +
        'message in a stream.',
    }),
    channelId: t.exposeID('channelId', { description: 'SID of the message’s channel.' }),
    channel: t.field({
      type: Channel,
      description: 'The channel of the message.',
      resolve: async (message, _args, { loaders }) => (await loaders.channel().load(message.channelId))!,
    }),
    wasEdited: t.boolean({
      description: 'Whether the message has changed since it was sent.',
      resolve: (message) => message.lastUpdatedBy !== null,
    }),
    lastUpdatedBy: t.exposeString('lastUpdatedBy', {
      nullable: true,
      description:
        'Identity of the user who last changed the message, or `system` for the backend; null while it is unchanged.',
    }),
    version: t.int({
      description: 'The number of the message’s versions: 1 when it was sent, one more with each edit.',
      resolve: ({ version }) => version ?? 1,
    }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the last edit; null when there was none.',
    }),
    edits: t.connection(
      {
        type: MessageEdit,
        nullable: true,
        description:
          'The versions of the message before its edits, the newest first, as far as the service’s `editHistory` keeps them. Null for all but ' +
          'its author, those with the permission `editAnyMessage` and the backend. `first` or `last` is from 1 to 100 (backend: 1,000), by ' +
          'default 25.',
        extensions: { perViewer: true },
        complexity: pageCost(points.message),
        resolve: async (message, args, { app, viewer }) => {
          const page = await listEdits(app, viewer, message, args)
          return page && toConnection(page, toEditCursor)
        },
      },
      { name: 'MessageEditConnection', description: 'A page of former versions of a message.' },
      { name: 'MessageEditEdge', description: 'A former version of a message and its position in the list.' },
    ),
    readCount: t.int({
      nullable: true,
      description: `The number of ${readers}. ${noReceipts} ${notOfHidden}`,
      complexity: points.receiptsOfMessage,
      resolve: countOf(readersOf),
    }),
    deliveredCount: t.int({
      nullable: true,
      description: `The number of ${receivers}. ${noReceipts}`,
      complexity: points.receiptsOfMessage,
      resolve: countOf(receiversOf),
    }),
    readBy: t.connection(
      {
        type: Member,
        nullable: true,
        description:
          `The ${readers}, in the order in which they joined. ${noReceipts} ${notOfHidden} \`first\` or \`last\` is from 1 to 100 (backend: 1,000), by ` +
          'default 25.',
        complexity: connectionCost,
        resolve: pageOf(readersOf),
      },
      MemberConnection,
      MemberEdge,
    ),
    deliveredTo: t.connection(
      {
        type: Member,
        nullable: true,
        description:
          `The ${receivers}, in the order in which they joined. ${noReceipts} \`first\` or \`last\` is from 1 to 100 (backend: 1,000), ` +
          'by default 25.',
        complexity: connectionCost,
        resolve: pageOf(receiversOf),
      },
      MemberConnection,
      MemberEdge,
    ),
    pinnedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the message was pinned; null while it is not pinned.',
      resolve: (message, _args, context) => pick(message, context, (extras) => extras?.pinnedAt ?? null) as never,
    }),
    pinnedBy: t.string({
      nullable: true,
      description:
        'Identity of the user who pinned the message, or `system` for the backend; null while it is not pinned.',
      resolve: (message, _args, context) => pick(message, context, (extras) => extras?.pinnedBy ?? null) as never,
    }),
    reactions: t.field({
      type: [ReactionGroup],
      description:
        'The different reactions to the message, at most 50, in the order of their first use. A deleted message has none.',
      complexity: { field: 1, multiplier: points.reactions },
      resolve: (message, _args, context) => pick(message, context, (extras) => groupsOf(message, extras)) as never,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the message was committed.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The time at which the message last changed.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the message was deleted; null while it is not. Deleted messages are read where they have replies or are quoted.',
    }),
  }),
})

async function participantOf({ author, channelId }: MessageModel, loaders: Loaders) {
  return author === systemAuthor ? undefined : loaders.participant().load({ channelId, identity: author })
}

export const MessageEdge = builder.edgeObject({
  type: Message,
  name: 'MessageEdge',
  description: 'A message and its position in the channel.',
})

export const MessageConnection = builder.connectionObject(
  {
    type: Message,
    name: 'MessageConnection',
    description: 'A page of messages.',
    fields: (t) => ({
      totalCount: t.int({
        description:
          'The number of messages in the channel with all replies, without deleted ones. The same as `messagesCount`, whatever the page leaves out.',
        resolve: ({ totalCount }) => totalCount!,
      }),
    }),
  },
  MessageEdge,
)

export const changedMessagePayload = (name: string, description: string, state: string) =>
  builder.objectRef<ChangedMessage>(name).implement({
    description,
    fields: (t) => ({
      message: t.expose('message', { type: Message, description: state }),
      cursor: t.string({
        description: writeCursorDescription,
        resolve: ({ message, position }, _args, { history }) => toCursor(message.channelId, position, history),
      }),
    }),
  })

/** Of a write that may name members. */
const namingMessagePayload = (name: string, description: string, state: string) => {
  const payload = changedMessagePayload(name, description, state)
  builder.objectField(payload, 'droppedMentions', (t) =>
    t.stringList({
      description:
        'The identities of `mentions` that are no members of the channel: the message does not name them. Empty for a repetition.',
      resolve: ({ droppedMentions }) => [...(droppedMentions ?? [])],
    }),
  )
  return payload
}

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'Input of `sendMessage`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    ...contentFields(t),
    clientMessageId: t.string({
      required: false,
      description:
        'An id that the client chooses, of at most 128 characters. A repetition with the same id in the same channel returns the ' +
        'first message and sends no second one.',
    }),
    isStreaming: t.boolean({
      required: false,
      description:
        'Whether the text goes on with `appendToMessage` while it is read, until `finishMessage`; `body` is how it begins. Needs the permission ' +
        '`streamMessage`. CONFLICT when 20 messages of the channel are being written, RATE_LIMITED when the process writes 1,000 texts, or 100 of the user. `false` by default.',
    }),
    authorIdentity: t.string({
      required: false,
      description: 'Backend only: identity in whose name the message is sent. `system` by default.',
    }),
  }),
})

const UpdateMessageInput = builder.inputType('UpdateMessageInput', {
  description: 'Input of `updateMessage`. Fields that are left out keep their values.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to edit.' }),
    channelId: t.id({
      required: false,
      description: 'SID or unique name of a channel. A message of another channel is NOT_FOUND.',
    }),
    ...changedContentFields(t),
    mentions: t.field({
      type: MentionsInput,
      required: false,
      description: 'The members whom the message names from now on. When left out, it names those whom it has named.',
    }),
    expectedVersion: t.int({
      required: false,
      description:
        'The `version` that the caller has seen. When the message has another one, nothing is changed: CONFLICT, with that one as ' +
        '`currentVersion` in its extensions.',
    }),
  }),
})

const DeleteMessageInput = builder.inputType('DeleteMessageInput', {
  description: 'Input of `deleteMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to delete.' }),
    channelId: t.id({
      required: false,
      description: 'SID or unique name of a channel. A message of another channel is NOT_FOUND.',
    }),
  }),
})

builder.queryFields((t) => ({
  message: t.field({
    type: Message,
    nullable: true,
    description:
      'The message with this SID; null when it does not exist for the caller. A deleted one is found while it has replies.',
    args: {
      id: t.arg.id({ required: true, description: 'SID of the message.' }),
      channelId: t.arg.id({
        required: false,
        description: 'SID or unique name of a channel. The result is null when the message is in another channel.',
      }),
    },
    resolve: (_root, { id, channelId }, { app, actor }) =>
      nullIfHidden(async () => (await findMessage(app, actor, id, channelId)).message),
  }),
}))

builder.mutationFields((t) => ({
  sendMessage: t.field({
    extensions: { rateLimit: 'sends' satisfies FieldRate },
    type: namingMessagePayload('SendMessagePayload', 'Payload of `sendMessage`.', 'The message as it was committed.'),
    description:
      'Sends a message to a channel. Needs the permission `sendMessage`. FORBIDDEN 50400 for users who are not members.',
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'The message to send.' }) },
    resolve: async (_root, { input }, { app, actor }) => {
      const message = await sendMessage(app, actor, input)
      return { message, position: message, droppedMentions: message.droppedMentions }
    },
  }),
  updateMessage: t.field({
    type: namingMessagePayload('UpdateMessagePayload', 'Payload of `updateMessage`.', 'The changed message.'),
    description:
      'Edits a message. Needs the permission `editAnyMessage` for the body and `editAnyMessageAttributes` for the attributes; for one’s own message `editOwnMessage` and `editOwnMessageAttributes` are enough.',
    args: { input: t.arg({ type: UpdateMessageInput, required: true, description: 'The message and its changes.' }) },
    resolve: (_root, { input: { messageId, ...change } }, { app, actor }) =>
      updateMessage(app, actor, { id: messageId, ...change }),
  }),
  deleteMessage: t.field({
    type: changedMessagePayload(
      'DeleteMessagePayload',
      'Payload of `deleteMessage`.',
      'The deleted message, with an empty body.',
    ),
    description:
      'Deletes a message. Needs the permission `deleteAnyMessage`; for one’s own message `deleteOwnMessage` is enough. The index of the ' +
      'message is not used again.',
    args: { input: t.arg({ type: DeleteMessageInput, required: true, description: 'The message to delete.' }) },
    resolve: (_root, { input }, { app, actor }) =>
      deleteMessage(app, actor, { id: input.messageId, channelId: input.channelId }),
  }),
}))
