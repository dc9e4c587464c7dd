import { addReaction, listReactions, removeReaction, toReactionCursor } from '../../../domain/chat/reaction.ts'
import { systemAuthor } from '../../../model/message.ts'
import { builder } from '../builder.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { Reaction, ReactionGroup, User } from '../refs.ts'
import { changedMessagePayload } from './message.ts'

Reaction.implement({
  description: 'A reaction of one user to a message.',
  fields: (t) => ({
    reaction: t.exposeString('reaction', { description: 'An emoji, or a name that the application gives a picture.' }),
    identity: t.exposeString('identity', {
      description: 'Identity of the user who has reacted, or `system` for the backend.',
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user who has reacted; null for `system` and when the user was deleted.',
      resolve: async ({ identity, channelId }, _args, { loaders }) =>
        identity === systemAuthor ? null : (await loaders.participant().load({ channelId, identity }))?.user,
    }),
  }),
})

const ReactionEdge = builder.edgeObject({
  type: Reaction,
  name: 'ReactionEdge',
  description: 'A reaction of one user and its position in the list.',
})

const ReactionConnection = builder.connectionObject(
  {
    type: Reaction,
    name: 'ReactionConnection',
    description: 'A page of the users who have one reaction to a message.',
  },
  ReactionEdge,
)

ReactionGroup.implement({
  description: 'One kind of reaction to a message, which at least one user has.',
  fields: (t) => ({
    reaction: t.exposeString('reaction', { description: 'An emoji, or a name that the application gives a picture.' }),
    count: t.exposeInt('count', {
      description: 'The number of users who have it, deleted ones and those who left included.',
    }),
    viewerHasReacted: t.boolean({
      description:
        'Whether the caller has it. Subscriptions that select it are executed for each caller alone: clients take it from `added` and ' +
        '`removed` of `ReactionsUpdated` instead.',
      extensions: { perViewer: true },
      resolve: async (group, _args, { loaders, viewer }) =>
        viewer && (await loaders.ownReactions().load(group))!.has(group.reaction),
    }),
    users: t.connection(
      {
        type: Reaction,
        description:
          'The users who have it, in the order in which they added it. `first` or `last` is from 1 to 100 (backend: 1,000), by default 25.',
        complexity: connectionCost,
        resolve: async (group, args, { actor, loaders }) => {
          const page = await listReactions(actor, group, args, (part) => loaders.reactions().load(part))
          const { channelId } = group
          return toConnection({ ...page, items: page.items.map((item) => ({ ...item, channelId })) }, toReactionCursor)
        },
      },
      ReactionConnection,
      ReactionEdge,
    ),
  }),
})

const AddReactionInput = builder.inputType('AddReactionInput', {
  description: 'Input of `addReaction`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to react to.' }),
    reaction: t.string({
      required: true,
      description:
        'An emoji or a name, at most 64 bytes in UTF-8, without white space and control characters. It is stored in one spelling: ' +
        'composed (NFC), an emoji with U+FE0F where Unicode wants it.',
    }),
  }),
})

const RemoveReactionInput = builder.inputType('RemoveReactionInput', {
  description: 'Input of `removeReaction`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message.' }),
    reaction: t.string({
      required: true,
      description: 'The reaction to take away, in any spelling that `addReaction` takes.',
    }),
  }),
})

builder.mutationFields((t) => ({
  addReaction: t.field({
    type: changedMessagePayload('AddReactionPayload', 'Payload of `addReaction`.', 'The message with its reactions.'),
    description:
      'Adds a reaction of the caller to a message; the backend reacts as `system`. Needs the permission `react`. A reaction that the caller has ' +
      'added already stays as it is. CONFLICT when the message has 50 different reactions.',
    args: { input: t.arg({ type: AddReactionInput, required: true, description: 'The message and the reaction.' }) },
    resolve: (_root, { input }, { app, actor }) => addReaction(app, actor, input.messageId, input.reaction),
  }),
  removeReaction: t.field({
    type: changedMessagePayload(
      'RemoveReactionPayload',
      'Payload of `removeReaction`.',
      'The message with its remaining reactions.',
    ),
    description:
      'Takes away a reaction of the caller to a message. Needs the permission `react`. Where the caller has no such reaction nothing changes.',
    args: { input: t.arg({ type: RemoveReactionInput, required: true, description: 'The message and the reaction.' }) },
    resolve: (_root, { input }, { app, actor }) => removeReaction(app, actor, input.messageId, input.reaction),
  }),
}))
