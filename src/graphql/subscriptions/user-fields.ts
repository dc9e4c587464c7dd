import type { UserEventType } from '../../domain/realtime/user-stream.ts'
import { builder } from '../schema/builder.ts'
import { Invite, User, type UserEventRoot } from '../schema/refs.ts'
import { subscribe, type UserStreamField } from './stream-field.ts'

const streamOf = (eventType: UserEventType) => ({ userStream: { eventType } satisfies UserStreamField })

const inviteOf = (root: unknown) => {
  const { event } = root as UserEventRoot
  return ('invite' in event ? event.invite : undefined)!
}

builder.subscriptionFields((t) => ({
  inviteAdded: t.field({
    type: Invite,
    description: 'Invites to the caller: first those that stand, then new ones as they come. Users only.',
    extensions: streamOf('inviteAdded'),
    subscribe,
    resolve: inviteOf,
  }),
  inviteRemoved: t.field({
    type: Invite,
    description:
      'Invites to the caller that are used up by joining, declined, withdrawn, or gone with their channel. Begins now. Users only.',
    extensions: streamOf('inviteRemoved'),
    subscribe,
    resolve: inviteOf,
  }),
  userUpdated: t.field({
    type: User,
    description: 'Changes of a user’s own fields and role. Begins now. Ends when the user is deleted.',
    args: {
      userId: t.arg.id({
        required: false,
        description: 'SID, or identity within the caller’s service; the caller itself when left out.',
      }),
    },
    extensions: streamOf('userUpdated'),
    subscribe,
    resolve: (root: unknown) => {
      const { event } = root as UserEventRoot
      return ('user' in event ? event.user : undefined)!
    },
  }),
}))
