import { freezeChannel, truncateChannel, unfreezeChannel } from '../../../domain/chat/channel-state.ts'
import { builder } from '../builder.ts'
import { changedChannelPayload } from './channel.ts'

builder.mutationFields((t) => ({
  freezeChannel: t.field({
    type: changedChannelPayload('FreezeChannelPayload', 'Payload of `freezeChannel`.', 'The frozen channel.'),
    description:
      'Freezes a channel: sending, editing and typing in it are FORBIDDEN for all but the backend and those with the permission ' +
      '`sendToFrozenChannel`, until `unfreezeChannel`. Deleting messages, joining and leaving go on. No message of others is numbered ' +
      'after the freezing. Needs the permission `freezeChannel`. A channel that is frozen already stays as it is.',
    args: {
      input: t.arg({
        required: true,
        description: 'The channel to freeze.',
        type: builder.inputType('FreezeChannelInput', {
          description: 'Input of `freezeChannel`.',
          fields: (f) => ({
            channelId: f.id({ required: true, description: 'SID or unique name of the channel to freeze.' }),
          }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      channel: await freezeChannel(app, actor, input.channelId),
    }),
  }),
  unfreezeChannel: t.field({
    type: changedChannelPayload('UnfreezeChannelPayload', 'Payload of `unfreezeChannel`.', 'The channel as it is now.'),
    description:
      'Ends the freezing of a channel. Needs the permission `freezeChannel`. A channel that is not frozen stays as it is.',
    args: {
      input: t.arg({
        required: true,
        description: 'The channel to unfreeze.',
        type: builder.inputType('UnfreezeChannelInput', {
          description: 'Input of `unfreezeChannel`.',
          fields: (f) => ({
            channelId: f.id({ required: true, description: 'SID or unique name of the channel to unfreeze.' }),
          }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      channel: await unfreezeChannel(app, actor, input.channelId),
    }),
  }),
  truncateChannel: t.field({
    type: changedChannelPayload('TruncateChannelPayload', 'Payload of `truncateChannel`.', 'The channel as it is now.'),
    description:
      'Takes away the oldest messages of a channel, for everybody and for good. Their numbers are not given again. Streams of `events` ' +
      'deliver `ChannelTruncated`; no webhook reports it. Needs the permission `truncateChannel`. A channel whose messages are gone up to ' +
      'there already stays as it is.',
    args: {
      input: t.arg({
        required: true,
        description: 'The channel, and where it is to begin.',
        type: builder.inputType('TruncateChannelInput', {
          description: 'Input of `truncateChannel`.',
          fields: (f) => ({
            channelId: f.id({ required: true, description: 'SID or unique name of the channel to truncate.' }),
            beforeIndex: f.int({
              required: false,
              description:
                'Messages with a smaller index are taken away; from 0 to one more than the index of the newest message. By default all ' +
                'messages that the channel has at that moment.',
            }),
          }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ channel: await truncateChannel(app, actor, input) }),
  }),
}))
