import { findDestinations } from '../../../domain/chat/quick-switcher.ts'
import { limits } from '../../../model/limits.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { Channel, User } from '../refs.ts'

const Destination = builder.unionType('Destination', {
  description: 'A channel or a user to which the caller may want to go.',
  types: [Channel, User],
  resolveType: (found) => ('identity' in found ? 'User' : 'Channel'),
})

builder.queryFields((t) => ({
  quickSwitcher: t.field({
    type: [Destination],
    description:
      'Users only: channels and people by what is typed. First come the caller’s channels, the one with the latest message first: by their ' +
      'names, and direct channels by those of the people in them. Then come the people whom the caller finds, as `users` searches them, and ' +
      'public channels that the caller may join whose name begins with the text, as `publicChannels` lists them: a new one appears within a ' +
      'minute, mostly. Each word of the text must begin a word of a name.',
    args: {
      query: t.arg.string({
        required: true,
        description:
          'The text that was typed, of at most 100 characters. Without any the caller’s latest channels are returned.',
      }),
      first: t.arg.int({
        required: false,
        description: 'The largest number of channels and people to return, from 1 to 50; 10 by default.',
      }),
    },
    complexity: ({ first }) => {
      const size = Math.max(1, first ?? limits.switcherSize)
      return { field: 1 + size * points.channel, multiplier: size }
    },
    extensions: { perViewer: true },
    resolve: (_root, args, { app, viewer }) => findDestinations(app, viewer, args),
  }),
}))
