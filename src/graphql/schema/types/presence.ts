import { listPresence, type UserPresence } from '../../../domain/chat/user-presence.ts'
import { limits } from '../../../model/limits.ts'
import { builder } from '../builder.ts'

export const Presence = builder.objectRef<UserPresence>('Presence').implement({
  description: 'The presence of a user, as the caller sees it.',
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'Identity of the user.' }),
    isOnline: t.exposeBoolean('isOnline', {
      nullable: true,
      description:
        'Whether the user has an open connection; false for another user who is invisible. Null when it cannot be known, and while ' +
        'the service’s `reachabilityEnabled` is off.',
    }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the user was last seen connected, to the minute while it is. It stands still while the user is invisible. ' +
        'Null before the first time, and while the service’s `reachabilityEnabled` is off.',
    }),
  }),
})

builder.queryFields((t) => ({
  presence: t.field({
    type: [Presence],
    description:
      'The presence of users with these identities, at most 500, in the order of the argument. Users whom the caller does not find are ' +
      'left out.',
    args: {
      identities: t.arg.stringList({ required: true, description: 'Identities of the users, at most 500.' }),
    },
    complexity: ({ identities }) => {
      const size = Math.min(identities.length, limits.presenceIdentities)
      return { field: 1 + size, multiplier: size }
    },
    extensions: { perViewer: true },
    resolve: (_root, { identities }, { app, viewer }) => listPresence(app, viewer, identities),
  }),
}))
