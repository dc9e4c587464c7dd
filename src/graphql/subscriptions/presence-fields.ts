import { limits } from '../../model/limits.ts'
import { builder } from '../schema/builder.ts'
import type { PresenceEventRoot } from '../schema/refs.ts'
import { Presence } from '../schema/types/presence.ts'
import { subscribe } from './stream-field.ts'

builder.subscriptionFields((t) => ({
  presenceChanged: t.field({
    type: [Presence],
    description:
      'The presence of users with these identities, at most 500: first of all whom the caller finds, then of those whose presence has ' +
      'changed, in at most one event a second. What no hint reports, such as the death of a process, is noticed within a minute.',
    args: {
      identities: t.arg.stringList({ required: true, description: 'Identities of the users, at most 500.' }),
    },
    complexity: ({ identities }) => {
      const size = Math.min(identities.length, limits.presenceIdentities)
      return { field: 1 + size, multiplier: size }
    },
    extensions: { presenceStream: true },
    subscribe,
    resolve: (root: unknown) => [...(root as PresenceEventRoot).presence],
  }),
}))
