import { listSavedMessages, saveMessage, unsaveMessage } from '../../../domain/chat/saved-message.ts'
import { toNumberCursor } from '../../../model/page.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Message, SavedMessage } from '../refs.ts'
import { Viewer } from './viewer.ts'

SavedMessage.implement({
  description: 'A message that the caller has saved for itself, with or without a reminder. Only the caller sees it.',
  fields: (t) => ({
    messageId: t.exposeID('messageId', { description: 'SID of the message.' }),
    channelId: t.exposeID('channelId', { description: 'SID of the message’s channel.' }),
    message: t.expose('message', {
      type: Message,
      nullable: true,
      description: 'The message as it is now; null when it was deleted.',
    }),
    savedAt: t.expose('savedAt', { type: 'DateTime', description: 'The time at which the message was saved.' }),
    remindAt: t.expose('remindAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the reminder; null when there is none.',
    }),
    remindedAt: t.expose('remindedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the reminder came; null before.',
    }),
  }),
})

const SaveMessageInput = builder.inputType('SaveMessageInput', {
  description: 'Input of `saveMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to save.' }),
    remindAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'The time at which the caller’s devices are reminded: in the future, and at most a year ahead. Null removes the reminder; left out, it stays ' +
        'as it is.',
    }),
  }),
})

const UnsaveMessageInput = builder.inputType('UnsaveMessageInput', {
  description: 'Input of `unsaveMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to take from the saved ones.' }),
  }),
})

builder.objectFields(Viewer, (t) => ({
  savedMessages: t.connection(
    {
      type: SavedMessage,
      nullable: true,
      description:
        'The messages that the caller has saved, what was saved last first; null for the backend. `first` or `last` is from 1 to 100, by default 25.',
      complexity: pageCost(points.message),
      resolve: async (viewer, args, { app }) =>
        viewer.kind === 'user'
          ? toConnection(await listSavedMessages(app, viewer, args), ({ savedSeq }) => toNumberCursor(savedSeq))
          : null,
    },
    { name: 'SavedMessageConnection', description: 'A page of saved messages.' },
    { name: 'SavedMessageEdge', description: 'A saved message and its position in the list.' },
  ),
}))

builder.mutationFields((t) => ({
  saveMessage: t.field({
    type: payloadOf('savedMessage', SavedMessage)('saveMessage', 'The message as it is saved.'),
    description:
      'Saves a message for the caller, or changes the reminder of one that is saved. It stays until it is taken out or the caller leaves the channel. A ' +
      'user has at most 1,000 (CONFLICT). Users only.',
    args: { input: t.arg({ type: SaveMessageInput, required: true, description: 'The message and its reminder.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ savedMessage: await saveMessage(app, actor, input) }),
  }),
  unsaveMessage: t.field({
    type: builder.simpleObject('UnsaveMessagePayload', {
      description: 'Payload of `unsaveMessage`.',
      fields: (f) => ({ messageId: f.id({ description: 'SID of the message.' }) }),
    }),
    description:
      'Takes a message from the caller’s saved ones, and its reminder with it; where it is not saved, nothing changes. Users only.',
    args: { input: t.arg({ type: UnsaveMessageInput, required: true, description: 'The message to take out.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      messageId: await unsaveMessage(app, actor, input.messageId),
    }),
  }),
}))
