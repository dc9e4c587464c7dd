import { pinMessage, unpinMessage } from '../../../domain/chat/pin.ts'
import { builder } from '../builder.ts'
import { Message } from '../refs.ts'
import { changedMessagePayload } from './message.ts'

export const PinnedMessageEdge = builder.edgeObject({
  type: Message,
  name: 'PinnedMessageEdge',
  description: 'A pinned message and its position in the list.',
})

export const PinnedMessageConnection = builder.connectionObject(
  { type: Message, name: 'PinnedMessageConnection', description: 'A page of pinned messages.' },
  PinnedMessageEdge,
)

const PinMessageInput = builder.inputType('PinMessageInput', {
  description: 'Input of `pinMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to pin.' }),
  }),
})

const UnpinMessageInput = builder.inputType('UnpinMessageInput', {
  description: 'Input of `unpinMessage`.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: 'SID of the message to unpin.' }),
  }),
})

builder.mutationFields((t) => ({
  pinMessage: t.field({
    type: changedMessagePayload('PinMessagePayload', 'Payload of `pinMessage`.', 'The pinned message.'),
    description:
      'Pins a message for all of its channel, until it is unpinned or deleted. Needs the permission `pinMessage`. A message that is pinned ' +
      'already stays as it is. CONFLICT when the channel has 100 pinned messages.',
    args: { input: t.arg({ type: PinMessageInput, required: true, description: 'The message to pin.' }) },
    resolve: (_root, { input }, { app, actor }) => pinMessage(app, actor, input.messageId),
  }),
  unpinMessage: t.field({
    type: changedMessagePayload('UnpinMessagePayload', 'Payload of `unpinMessage`.', 'The message, without its pin.'),
    description: 'Unpins a message. Needs the permission `pinMessage`. A message that is not pinned stays as it is.',
    args: { input: t.arg({ type: UnpinMessageInput, required: true, description: 'The message to unpin.' }) },
    resolve: (_root, { input }, { app, actor }) => unpinMessage(app, actor, input.messageId),
  }),
}))
