import type { UserEvent } from '../../../model/event.ts'
import { builder } from '../builder.ts'
import { Invite, Member, User, ViewerThread, type ViewerEventRoot } from '../refs.ts'
import { Ready, cursorDescription } from './event.ts'

type RootOf<Type extends string> = ViewerEventRoot & { readonly event: { readonly type: Type } }

const ViewerGap = builder.objectRef<RootOf<'gap'>>('ViewerGap').implement({
  description:
    'A loss of data in the server’s database, of which the stream may have delivered some before. Clients read the channels, the invites and ' +
    'the user again; the events that follow go on from there.',
  fields: (t) => ({ cursor: t.exposeString('cursor', { description: cursorDescription }) }),
})

function memberEvent(type: 'joined' | 'channelStateChanged', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      member: t.field({
        type: Member,
        description: 'The membership of the caller as it is now, with what only the caller sees of it.',
        resolve: ({ event }) => event.member,
      }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  })
}

function inviteEvent(type: 'inviteAdded' | 'inviteRemoved', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      invite: t.field({
        type: Invite,
        description: 'The invite of the caller.',
        resolve: ({ event }) => event.invite,
      }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  })
}

const eventTypes = {
  joined: memberEvent('joined', 'ViewerChannelJoined', 'The caller became a member of a channel.'),
  left: builder.objectRef<RootOf<'left'>>('ViewerChannelLeft').implement({
    description: 'A membership of the caller ended: it left the channel or was removed.',
    fields: (t) => ({
      channelId: t.id({ description: 'SID of the channel.', resolve: ({ event }) => event.channelId }),
      memberId: t.id({
        description: 'SID of the membership that ended.',
        resolve: ({ event }) => event.memberId,
      }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  }),
  channelStateChanged: memberEvent(
    'channelStateChanged',
    'ViewerChannelUpdated',
    'The caller read in a channel, or its preferences or its role there changed. Messages that arrive do not cause it.',
  ),
  threadChanged: builder.objectRef<RootOf<'threadChanged'>>('ViewerThreadUpdated').implement({
    description:
      'The caller follows a thread or no more, or has read in one. Replies do not cause it: who replies follows from then on.',
    fields: (t) => ({
      thread: t.field({
        type: ViewerThread,
        description: 'The thread as it is for the caller now.',
        resolve: ({ event }) => event.thread,
      }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  }),
  inviteAdded: inviteEvent('inviteAdded', 'ViewerInviteAdded', 'The caller was invited to a channel.'),
  inviteRemoved: inviteEvent(
    'inviteRemoved',
    'ViewerInviteRemoved',
    'An invite of the caller ended: it was used, declined or withdrawn, or its channel was deleted.',
  ),
  userUpdated: builder.objectRef<RootOf<'userUpdated'>>('ViewerUserUpdated').implement({
    description: 'The names, the attributes or the role of the caller changed.',
    fields: (t) => ({
      user: t.field({ type: User, description: 'The caller as it is now.', resolve: ({ event }) => event.user }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  }),
} as const satisfies Record<Exclude<UserEvent['type'], 'userDeleted'>, { readonly name: string }>

/** The names of the GraphQL types, by event. The deletion of the caller ends the stream. */
export const viewerEventTypes = { ready: Ready, gap: ViewerGap, ...eventTypes } as const

export const ViewerEvent = builder.unionType('ViewerEvent', {
  description:
    'Everything that can happen to the calling user itself. After `Ready` a stream delivers what changed since the cursor, each object once ' +
    'and in its latest state, and then new events as they happen.',
  types: Object.values(viewerEventTypes),
  resolveType: ({ event }) => viewerEventTypes[event.type].name,
})
