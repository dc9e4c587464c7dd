import { noParent } from '../../../model/draft.ts'
import type { UserEvent } from '../../../model/event.ts'
import { builder } from '../builder.ts'
import {
  Draft,
  Invite,
  Member,
  SavedMessage,
  ScheduledMessage,
  User,
  ViewerThread,
  type ViewerEventRoot,
} from '../refs.ts'
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

function savedEvent(type: 'messageSaved' | 'reminderDue', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      savedMessage: t.field({
        type: SavedMessage,
        description: 'The message as it is saved now.',
        resolve: ({ event }) => event.saved,
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
  draftSaved: builder.objectRef<RootOf<'draftSaved'>>('ViewerDraftSaved').implement({
    description:
      'The caller saved a draft, on this device or another. There is no event for its being sent: the draft is gone with the message that has its ' +
      '`clientMessageId`.',
    fields: (t) => ({
      draft: t.field({ type: Draft, description: 'The draft as it is now.', resolve: ({ event }) => event.draft }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  }),
  draftRemoved: builder.objectRef<RootOf<'draftRemoved'>>('ViewerDraftRemoved').implement({
    description: 'A draft of the caller is gone: it was removed, or its message was sent while this device was away.',
    fields: (t) => ({
      channelId: t.id({ description: 'SID of the draft’s channel.', resolve: ({ event }) => event.draft.channelId }),
      parentId: t.id({
        nullable: true,
        description: 'SID of the message whose thread it was in; null of a draft in the channel itself.',
        resolve: ({ event }) => (event.draft.parentId === noParent ? null : event.draft.parentId),
      }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  }),
  scheduledMessageChanged: builder
    .objectRef<RootOf<'scheduledMessageChanged'>>('ViewerScheduledMessageUpdated')
    .implement({
      description: 'The caller scheduled a message, changed it or cancelled it; or it was sent, or could not be sent.',
      fields: (t) => ({
        scheduledMessage: t.field({
          type: ScheduledMessage,
          description: 'The scheduled message as it is now.',
          resolve: ({ event }) => event.scheduled,
        }),
        cursor: t.exposeString('cursor', { description: cursorDescription }),
      }),
    }),
  messageSaved: savedEvent('messageSaved', 'ViewerMessageSaved', 'The caller saved a message, or set its reminder.'),
  messageUnsaved: builder.objectRef<RootOf<'messageUnsaved'>>('ViewerMessageUnsaved').implement({
    description: 'The caller took a message from its saved ones.',
    fields: (t) => ({
      messageId: t.id({ description: 'SID of the message.', resolve: ({ event }) => event.saved.messageId }),
      cursor: t.exposeString('cursor', { description: cursorDescription }),
    }),
  }),
  reminderDue: savedEvent('reminderDue', 'ViewerReminderDue', 'The time of a saved message’s reminder has come.'),
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
