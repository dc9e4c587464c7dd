import type { UserEventType } from '../../domain/realtime/user-stream.ts'
import type { UserEvent } from '../../model/event.ts'
import { builder } from '../schema/builder.ts'
import { Invite, User, type UserEventRoot } from '../schema/refs.ts'
import { subscribe, type UserStreamField } from './stream-field.ts'

/** The events of a user without a subscription of their own, and why. */
export const userEventsWithoutSubscription = {
  joined: 'a stream of all channels goes on with the channel that was joined',
  left: 'a stream of all channels delivers it as MemberLeft',
  channelStateChanged: 'only the user itself receives it, among all that happens to it',
  userDeleted: 'it ends every stream of the user',
} as const satisfies Partial<Record<UserEvent['type'], string>>

type SubscribedType = Exclude<UserEvent['type'], keyof typeof userEventsWithoutSubscription>

const streamOf = (eventType: UserEventType) => ({ userStream: { eventType } satisfies UserStreamField })

const inviteOf = (root: unknown) => {
  const { event } = root as UserEventRoot
  return ('invite' in event ? event.invite : undefined)!
}

builder.subscriptionFields((t) => {
  const fields = {
    inviteAdded: t.field({
      type: Invite,
      description:
        'Invites of the calling user: first the existing ones, then new ones as they are created. Users only.',
      extensions: streamOf('inviteAdded'),
      subscribe,
      resolve: inviteOf,
    }),
    inviteRemoved: t.field({
      type: Invite,
      description:
        'Invites of the calling user that end because they are used, declined or withdrawn, or because their channel is deleted. ' +
        'Starts with the present. Users only.',
      extensions: streamOf('inviteRemoved'),
      subscribe,
      resolve: inviteOf,
    }),
    userUpdated: t.field({
      type: User,
      description:
        'Changes to the names, profile, attributes and role of a user. Starts with the present, and ends when the user is deleted.',
      args: {
        userId: t.arg.id({
          required: false,
          description: 'SID of the user, or its identity within the caller’s service; the calling user when left out.',
        }),
      },
      extensions: streamOf('userUpdated'),
      subscribe,
      resolve: (root: unknown) => {
        const { event } = root as UserEventRoot
        return ('user' in event ? event.user : undefined)!
      },
    }),
  } satisfies Record<SubscribedType, unknown>
  return fields
})
