import { openDirectChannel, type DirectChannel } from '../../../domain/chat/direct-channel.ts'
import { toCursor } from '../../../model/cursor.ts'
import { builder } from '../builder.ts'
import { Channel, Member } from '../refs.ts'
import { writeCursorDescription } from '../write-cursor.ts'

const OpenDirectChannelInput = builder.inputType('OpenDirectChannelInput', {
  description: 'Input of `openDirectChannel`.',
  fields: (t) => ({
    identities: t.stringList({
      required: true,
      description:
        'Identities of the other people, from 1 to 9, of at most 256 characters each (50207) and not shaped like a user SID (50206). ' +
        'Users with unknown identities are created.',
    }),
  }),
})

const OpenDirectChannelPayload = builder.objectRef<DirectChannel>('OpenDirectChannelPayload').implement({
  description: 'Payload of `openDirectChannel`.',
  fields: (t) => ({
    channel: t.expose('channel', { type: Channel, description: 'The direct channel.' }),
    member: t.expose('member', { type: Member, description: 'The membership of the calling user.' }),
    cursor: t.string({
      description: writeCursorDescription,
      resolve: ({ channel }, _args, { history }) =>
        toCursor(channel.id, { index: channel.lastIndex, seq: channel.lastSeq }, history),
    }),
  }),
})

builder.mutationFields((t) => ({
  openDirectChannel: t.field({
    type: OpenDirectChannelPayload,
    description:
      'Finds the direct channel of the calling user and others, or creates it, also when several do so at once. Needs the permission ' +
      '`createChannel`. The channel is private, and nobody can join, leave or be invited. While it has no message it does not count in the ' +
      'limits. FORBIDDEN 50208 when one of them is in too many channels.',
    args: { input: t.arg({ type: OpenDirectChannelInput, required: true, description: 'The other people.' }) },
    resolve: (_root, { input }, { app, actor }) => openDirectChannel(app, actor, input.identities),
  }),
}))
