import type { Channel as ChannelModel } from '../../../model/channel.ts'
import { toCursor } from '../../../model/cursor.ts'
import type { ChannelEventType } from '../../../model/event.ts'
import { extrasChangesSince } from '../../../model/message.ts'
import type { ChannelId } from '../../../model/sid.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { points, startCost } from '../cost.ts'
import { Channel, Member, Message, Reaction, Receipt, Typing, type EventRoot, type ViewerEventRoot } from '../refs.ts'

type RootOf<Type extends string> = Extract<EventRoot, { readonly channelId: ChannelId }> & {
  readonly event: { readonly type: Type }
}

/** The field that every event but Ready has. */
export const cursorDescription = 'The position of the stream at this event. Pass it as `after` to continue from here.'

const ChannelCursor = builder.simpleObject('ChannelCursor', {
  description: 'A position in one channel.',
  fields: (t) => ({
    channel: t.field({ type: Channel, description: 'The channel of the position.' }),
    cursor: t.string({ description: 'The position, which `after` takes.' }),
  }),
})

export const Ready = builder.objectRef<Extract<EventRoot, { starts: unknown }> | ViewerEventRoot>('Ready').implement({
  description: 'The first event of every stream. The stream delivers everything that happens after it.',
  fields: (t) => ({
    cursor: t.string({
      description:
        'The position at which the stream begins, when it is `viewerEvents` or has one named channel. Empty when it has several: see ' +
        '`cursors`.',
      resolve: (root, _args, { history }) => {
        if ('cursor' in root) return root.cursor
        const [first, ...others] = root.starts
        return first && others.length === 0 ? toCursor(first.channel.id, first.position, history) : ''
      },
    }),
    cursors: t.field({
      type: [ChannelCursor],
      description: 'The position at which the stream begins in each of its channels. Empty for `viewerEvents`.',
      // Few users are in more channels.
      complexity: startCost(250),
      resolve: async (root, _args, { loaders, history }) => {
        const starts = 'starts' in root ? root.starts : []
        const channels = await loaders.channel().loadMany(starts.map((start) => start.channel.id))
        return starts.flatMap(({ channel, position }, at) => {
          const row = channels[at]
          return row && !(row instanceof Error) ? { channel: row, cursor: toCursor(channel.id, position, history) } : []
        })
      },
    }),
  }),
})

const Gap = builder.objectRef<RootOf<'gap'>>('Gap').implement({
  description:
    'A range of messages that the server no longer has, or may have lost when its database lost data. The events that follow are ' +
    'what the server has from there on, and replace what the stream delivered before.',
  fields: (t) => ({
    from: t.int({ description: 'Index of the first missing message.', resolve: (root) => gapOf(root).from }),
    to: t.int({
      description:
        'Index of the last missing message. It is less than `from` when no message can be missing, only other changes.',
      resolve: (root) => gapOf(root).to,
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

function gapOf(root: EventRoot) {
  if (root.event.type !== 'gap') throw new Error('not a gap')
  return root.event
}

function cursorOf(
  root: Extract<EventRoot, { readonly channelId: ChannelId }>,
  _args: object,
  { history }: Pick<Context, 'history'>,
): string {
  return toCursor(root.channelId, root.position, history)
}

const MessageChange = builder.enumType('MessageChange', {
  description: 'The part of a message that has changed.',
  values: {
    EDIT: { description: 'Its body or its attributes were edited.' },
    REACTIONS: { description: 'Reactions were added or removed while the stream was away.' },
    THREAD: { description: 'Replies were added or removed while the stream was away.' },
    PIN: { description: 'It was pinned or unpinned.' },
  },
})

const MessageUpdated = builder
  .objectRef<RootOf<'messageUpdated' | 'messageExtrasUpdated'>>('MessageUpdated')
  .implement({
    description: 'A message was edited, or what others have added to it has changed.',
    fields: (t) => ({
      message: t.field({
        type: Message,
        description: 'The message as it is now.',
        resolve: ({ event }) => event.message,
      }),
      changes: t.field({
        type: [MessageChange],
        description: 'The parts of the message that have changed; several when the stream tells of what it has missed.',
        resolve: ({ event }) =>
          event.type === 'messageUpdated' ? ['EDIT' as const] : extrasChangesSince(event.message.extras, event.since),
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })

const reactionsOf = (root: RootOf<'reactionsUpdated'>, which: 'added' | 'removed') =>
  root.event[which].map((reaction) => ({ ...reaction, channelId: root.channelId }))

const ReactionsUpdated = builder.objectRef<RootOf<'reactionsUpdated'>>('ReactionsUpdated').implement({
  description:
    'Users have added reactions to a message, or taken theirs away; several in one moment together. It comes live alone: after an ' +
    'interruption a `MessageUpdated` whose `changes` have `REACTIONS` brings the latest state.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The message as it is now.',
      resolve: ({ event }) => event.message,
    }),
    added: t.field({
      type: [Reaction],
      description: 'The reactions that were added, at most 100.',
      complexity: { field: 1, multiplier: points.changedReactions },
      resolve: (root) => reactionsOf(root, 'added'),
    }),
    removed: t.field({
      type: [Reaction],
      description: 'The reactions that were taken away, at most 100.',
      complexity: { field: 1, multiplier: points.changedReactions },
      resolve: (root) => reactionsOf(root, 'removed'),
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

function messageEvent(type: 'messageRemoved', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      message: t.field({
        type: Message,
        description: 'The message as it is now.',
        resolve: ({ event }) => ('message' in event ? event.message : undefined)!,
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })
}

const MessageAdded = builder.objectRef<RootOf<'messageAdded'>>('MessageAdded').implement({
  description: 'A message was sent.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The message as it is now.',
      resolve: ({ event }) => ('message' in event ? event.message : undefined)!,
    }),
    isReplay: t.exposeBoolean('isReplay', {
      description:
        'Whether the message was read from the history to bring the stream up to date, rather than sent just now. Clients may skip a ' +
        'sound or a notification for it.',
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

const MessageAppended = builder.objectRef<RootOf<'messageAppended'>>('MessageAppended').implement({
  description:
    'The text of a message that is being written has changed: it is what a reader has up to `offset`, and then `text`. Several pieces are rolled up for 40 to ' +
    '100 milliseconds. Who joins, or comes back, gets one at offset 0 with the text so far. It is stored nowhere.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'SID of the channel.' }),
    messageId: t.id({ description: 'SID of the message.', resolve: ({ event }) => event.messageId }),
    index: t.int({ description: 'Index of the message in its channel.', resolve: ({ event }) => event.index }),
    offset: t.int({
      description:
        'Up to where the text stays as it is, in UTF-16 code units (`length` in JavaScript); never within a surrogate pair. It can be less than the length of ' +
        'the text.',
      resolve: ({ event }) => event.offset,
    }),
    text: t.string({
      description: 'The rest of the text, all that it has from `offset` on.',
      complexity: points.body,
      resolve: ({ event }) => event.text,
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

const MessageFinished = builder.objectRef<RootOf<'messageFinished'>>('MessageFinished').implement({
  description:
    'The text of a message has ended; its `streamState` says how. What `MessageAppended` has made of it by then is its final text. It is no edit.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The message as it is now.',
      resolve: ({ event }) => event.message,
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

function memberEvent(type: 'memberJoined' | 'memberUpdated' | 'memberLeft', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      member: t.field({
        type: Member,
        description: 'The member as it is now.',
        resolve: ({ event }) => ('member' in event ? event.member : undefined)!,
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })
}

function channelEvent(type: 'channelUpdated' | 'channelRemoved', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      channel: t.field({
        type: Channel,
        description: 'The channel as it is now.',
        resolve: ({ event }) => ('channel' in event ? event.channel : undefined)!,
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })
}

function truncatedOf({ event }: EventRoot): ChannelModel {
  if (event.type !== 'channelTruncated') throw new Error('not a truncation')
  return event.truncation.channel
}

const ChannelTruncated = builder.objectRef<RootOf<'channelTruncated'>>('ChannelTruncated').implement({
  description:
    'The oldest messages of the channel were taken away. A client removes what it has of messages with an index below `firstIndex`.',
  fields: (t) => ({
    channel: t.field({
      type: Channel,
      description: 'The channel as it is now.',
      resolve: (root) => truncatedOf(root),
    }),
    firstIndex: t.int({
      description: 'Index at which the channel begins now; more may be truncated by the time that this arrives.',
      resolve: (root) => truncatedOf(root).firstIndex,
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

type TypingType = 'typingStarted' | 'typingEnded' | 'threadTypingStarted' | 'threadTypingEnded'

function typingEvent(type: TypingType, name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      typing: t.field({
        type: Typing,
        description: 'The member that types, where it does, and the time at which typing ends.',
        resolve: ({ event }) => ('typing' in event ? event.typing : undefined)!,
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })
}

export const ReceiptsUpdated = builder.objectRef<RootOf<'receiptsUpdated'>>('ReceiptsUpdated').implement({
  description:
    'Members have read or received more, or the stream of one channel has come to the present: then it has all members. It comes at most ' +
    'once a second for each channel, with what has changed in that second. It is stored nowhere: after an interruption the next ones ' +
    'have what was missed.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'SID of the channel.' }),
    receipts: t.field({
      type: [Receipt],
      description:
        'The members concerned, in the order in which they joined; at most as many as the service’s `readReceiptsMaxMembers`.',
      complexity: { field: 1, multiplier: points.receipts },
      resolve: ({ event }) => ('receipts' in event ? [...event.receipts] : []),
    }),
    cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
  }),
})

const eventTypes = {
  messageAdded: MessageAdded,
  messageUpdated: MessageUpdated,
  messageExtrasUpdated: MessageUpdated,
  reactionsUpdated: ReactionsUpdated,
  messageAppended: MessageAppended,
  messageFinished: MessageFinished,
  messageRemoved: messageEvent('messageRemoved', 'MessageRemoved', 'A message was deleted. Its body is now empty.'),
  memberJoined: memberEvent('memberJoined', 'MemberJoined', 'A user became a member of the channel.'),
  memberUpdated: memberEvent('memberUpdated', 'MemberUpdated', 'The role of a member changed.'),
  memberLeft: memberEvent('memberLeft', 'MemberLeft', 'A member left or was removed.'),
  channelUpdated: channelEvent(
    'channelUpdated',
    'ChannelUpdated',
    'The names, the attributes or `isFrozen` of the channel changed.',
  ),
  channelRemoved: channelEvent('channelRemoved', 'ChannelRemoved', 'The channel was deleted. The stream ends.'),
  channelTruncated: ChannelTruncated,
  typingStarted: typingEvent(
    'typingStarted',
    'TypingStarted',
    'A member started typing a message of the channel itself.',
  ),
  typingEnded: typingEvent('typingEnded', 'TypingEnded', 'A member stopped typing, or sent its message.'),
  threadTypingStarted: typingEvent('threadTypingStarted', 'ThreadTypingStarted', 'A member started typing a reply.'),
  threadTypingEnded: typingEvent(
    'threadTypingEnded',
    'ThreadTypingEnded',
    'A member stopped typing a reply, or sent it.',
  ),
  receiptsUpdated: ReceiptsUpdated,
} as const satisfies Record<ChannelEventType, unknown>

export const channelEventTypes = Object.keys(eventTypes) as readonly ChannelEventType[]

/** The GraphQL type of an event. */
export const eventTypeName = (type: string): string =>
  type === 'messageExtrasUpdated' ? 'MessageUpdated' : type[0]!.toUpperCase() + type.slice(1)

export const ChannelEvent = builder.unionType('ChannelEvent', {
  description:
    'Everything that can happen in a channel. After `Ready` a stream delivers what changed since the cursor, each object once and ' +
    'in its latest state, and then new events as they happen.',
  types: [Ready, Gap, ...new Set(Object.values(eventTypes))],
  resolveType: ({ event: { type } }) => eventTypeName(type),
})
