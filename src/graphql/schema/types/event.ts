import { toCursor } from '../../../model/cursor.ts'
import type { ChannelEventType } from '../../../model/event.ts'
import type { ChannelId } from '../../../model/sid.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { startCost } from '../cost.ts'
import { Channel, Member, Message, Typing, type EventRoot } from '../refs.ts'

type RootOf<Type extends string> = Extract<EventRoot, { readonly channelId: ChannelId }> & {
  readonly event: { readonly type: Type }
}

/** The field that every event but Ready has. */
const cursorDescription = 'Where the stream has come to: `after` for going on from here.'

const ChannelCursor = builder.simpleObject('ChannelCursor', {
  description: 'A place in one channel.',
  fields: (t) => ({
    channel: t.field({ type: Channel, description: 'Which channel.' }),
    cursor: t.string({ description: 'The place: what `after` takes.' }),
  }),
})

const Ready = builder.objectRef<Extract<EventRoot, { starts: unknown }>>('Ready').implement({
  description: 'Begins every stream of events: from here on nothing is missed.',
  fields: (t) => ({
    cursor: t.string({
      description:
        'Where the stream begins, when it is of one named channel; empty when it is of several: see `cursors`.',
      resolve: ({ starts: [first, ...others] }, _args, { history }) =>
        first && others.length === 0 ? toCursor(first.channel.id, first.position, history) : '',
    }),
    cursors: t.field({
      type: [ChannelCursor],
      description: 'Where it begins in each channel.',
      // Few users are in more channels.
      complexity: startCost(250),
      resolve: async ({ starts }, _args, { loaders, history }) => {
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
    'Messages that the server no longer holds, or may have lost with the end of its database’s history. What the server holds from ' +
    'there on follows; of messages told before, it replaces them.',
  fields: (t) => ({
    from: t.int({ description: 'Index of the first.', resolve: (root) => gapOf(root).from }),
    to: t.int({
      description: 'Index of the last. Less than `from` when only other changes may be lost, not messages.',
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

function messageEvent(type: 'messageUpdated' | 'messageRemoved', name: string, description: string) {
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
        'Whether it was read from the history to bring this stream up to date, rather than sent just now: a client can do without a sound for it.',
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
        description: 'The member.',
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
        description: 'The channel.',
        resolve: ({ event }) => ('channel' in event ? event.channel : undefined)!,
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })
}

function typingEvent(type: 'typingStarted' | 'typingEnded', name: string, description: string) {
  return builder.objectRef<RootOf<typeof type>>(name).implement({
    description,
    fields: (t) => ({
      typing: t.field({
        type: Typing,
        description: 'Who, where, until when.',
        resolve: ({ event }) => ('typing' in event ? event.typing : undefined)!,
      }),
      cursor: t.string({ description: cursorDescription, resolve: cursorOf }),
    }),
  })
}

const eventTypes = {
  messageAdded: MessageAdded,
  messageUpdated: messageEvent('messageUpdated', 'MessageUpdated', 'A message was edited.'),
  messageRemoved: messageEvent('messageRemoved', 'MessageRemoved', 'A message was deleted; its body is gone.'),
  memberJoined: memberEvent('memberJoined', 'MemberJoined', 'A member joined.'),
  memberUpdated: memberEvent('memberUpdated', 'MemberUpdated', 'A member’s role changed.'),
  memberLeft: memberEvent('memberLeft', 'MemberLeft', 'A member left or was removed.'),
  channelUpdated: channelEvent('channelUpdated', 'ChannelUpdated', 'The channel’s own fields changed.'),
  channelRemoved: channelEvent('channelRemoved', 'ChannelRemoved', 'The channel was deleted. The stream ends.'),
  typingStarted: typingEvent('typingStarted', 'TypingStarted', 'A member began to type.'),
  typingEnded: typingEvent('typingEnded', 'TypingEnded', 'A member stopped typing, or its message arrived.'),
} as const satisfies Record<ChannelEventType, unknown>

export const ChannelEvent = builder.unionType('ChannelEvent', {
  description:
    'Everything that happens in a channel. After `Ready` comes what changed since the cursor, each thing once and in its latest ' +
    'state, and then what happens.',
  types: [Ready, Gap, ...Object.values(eventTypes)],
  resolveType: (root: EventRoot) => {
    const { type } = root.event
    return type[0]!.toUpperCase() + type.slice(1)
  },
})
