import { startTyping } from '../../../domain/chat/typing.ts'
import { builder } from '../builder.ts'
import type { FieldRate } from '../rate-limit-plugin.ts'
import { Channel, Member, Typing } from '../refs.ts'

Typing.implement({
  description: 'The state of a member who is typing in a channel, or in a thread of it.',
  fields: (t) => ({
    channel: t.field({
      type: Channel,
      description: 'The channel in which the member is typing.',
      resolve: async (typing, _args, { loaders }) => (await loaders.channel().load(typing.channelId))!,
    }),
    member: t.field({ type: Member, description: 'The member who is typing.', resolve: (typing) => typing.member }),
    parentId: t.id({
      nullable: true,
      description:
        'SID of the message to which the member is typing a reply. Null for a message of the channel itself.',
      resolve: ({ parent }) => parent?.id ?? null,
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'The time at which typing ends, unless it is repeated or the message is sent before.',
    }),
  }),
})

const StartTypingInput = builder.inputType('StartTypingInput', {
  description: 'Input of `startTyping`.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID or unique name of the channel.' }),
    parentId: t.id({
      required: false,
      description:
        'SID of the message to which the user is typing a reply: then `ThreadTypingStarted` reports it, and `TypingStarted` does not. ' +
        'BAD_USER_INPUT for a reply, NOT_FOUND (50500) for a message that takes no replies.',
    }),
  }),
})

builder.mutationFields((t) => ({
  startTyping: t.field({
    extensions: { rateLimit: 'none' satisfies FieldRate },
    type: builder.simpleObject('StartTypingPayload', {
      description: 'Payload of `startTyping`.',
      fields: (f) => ({
        expiresAt: f.field({
          type: 'DateTime',
          description: 'The time at which typing ends. Call `startTyping` again before it to go on.',
        }),
      }),
    }),
    description:
      'Reports to the other members of a channel that the calling user is typing. A call before the previous one has expired only ' +
      'extends the time; one beyond the rate `userTyping` of the service has no effect. FORBIDDEN without the permission `sendMessage`, and in a frozen channel without `sendToFrozenChannel`.',
    args: {
      input: t.arg({ type: StartTypingInput, required: true, description: 'The place where the user is typing.' }),
    },
    resolve: async (_root, { input }, { app, viewer }) => ({
      expiresAt: await startTyping(app, viewer, input),
    }),
  }),
}))
