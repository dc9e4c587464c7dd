import type { UserEventType } from '../../domain/realtime/user-stream.ts'
import type { UserEvent } from '../../model/event.ts'
import { builder } from '../schema/builder.ts'
import { Invite, User, type UserEventRoot } from '../schema/refs.ts'
import { ViewerEvent } from '../schema/types/viewer-event.ts'
import { subscribe, viewerStream, type UserStreamField } from './stream-field.ts'

/** The events of a user without a subscription of their own, and why. */
export const userEventsWithoutSubscription = {
  joined: 'viewerEvents delivers it, and a stream of all channels goes on with the channel that was joined',
  left: 'viewerEvents delivers it, and a stream of all channels as MemberLeft',
  channelStateChanged: 'viewerEvents delivers it',
  threadChanged: 'viewerEvents delivers it',
  draftSaved: 'viewerEvents delivers it',
  draftRemoved: 'viewerEvents delivers it',
  scheduledMessageChanged: 'viewerEvents delivers it',
  messageSaved: 'viewerEvents delivers it',
  messageUnsaved: 'viewerEvents delivers it',
  reminderDue: 'viewerEvents delivers it',
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
  return {
    ...fields,
    viewerEvents: t.field({
      type: ViewerEvent,
      description:
        'Everything that happens to the calling user itself, in order, on all of its devices: memberships, what it has read, its settings of ' +
        'channels, invites, drafts, scheduled and saved messages, and its own fields. A document gets the events that it has a fragment on; without any, ' +
        'all of them. Starts with `Ready`, then what changed since the cursor, then new events as they happen. The ' +
        'deletion of a channel is an event of the channel, which `events` delivers. BAD_USER_INPUT for the cursor of another user. Users only.',
      args: {
        after: t.arg.string({
          required: false,
          description:
            'A cursor of this user’s `viewerEvents`, after which the stream starts; the present when left out.',
        }),
      },
      extensions: viewerStream,
      subscribe,
      resolve: (root: unknown) => root as never,
    }),
  }
})
