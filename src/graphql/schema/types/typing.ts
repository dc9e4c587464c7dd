import { startTyping } from '../../../domain/chat/typing.ts'
import { builder } from '../builder.ts'
import { Channel, Member, Typing } from '../refs.ts'

Typing.implement({
  description: 'A member that is typing.',
  fields: (t) => ({
    channel: t.field({
      type: Channel,
      description: 'Where.',
      resolve: async (typing, _args, { loaders }) => (await loaders.channel().load(typing.channelId))!,
    }),
    member: t.field({ type: Member, description: 'Who.', resolve: (typing) => typing.member }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends by itself, unless it is refreshed or the message arrives.',
    }),
  }),
})

const StartTypingInput = builder.inputType('StartTypingInput', {
  description: 'Where.',
  fields: (t) => ({ channelId: t.id({ required: true, description: 'SID or unique name.' }) }),
})

builder.mutationFields((t) => ({
  startTyping: t.field({
    type: builder.simpleObject('StartTypingPayload', {
      description: 'Until when it lasts.',
      fields: (f) => ({ expiresAt: f.field({ type: 'DateTime', description: 'Call again before this to go on.' }) }),
    }),
    description: 'Tells the other members that I am typing. Again within its time it only prolongs it.',
    args: { input: t.arg({ type: StartTypingInput, required: true, description: 'Where.' }) },
    resolve: async (_root, { input }, { app, viewer }) => ({
      expiresAt: await startTyping(app, viewer, input.channelId),
    }),
  }),
}))
