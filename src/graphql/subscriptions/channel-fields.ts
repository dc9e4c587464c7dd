import { messageStreamTypes } from '../../domain/realtime/durable-event.ts'
import type { ChannelEventType, Truncation } from '../../model/event.ts'
import { builder } from '../schema/builder.ts'
import { Channel, Member, Message, Typing, type EventRoot } from '../schema/refs.ts'
import { ChannelEvent, ReceiptsUpdated } from '../schema/types/event.ts'
import { subscribe, type StreamField } from './stream-field.ts'

const channelArgument = {
  required: false,
  description:
    'SID or unique name of the channel. When left out: all channels of the calling user, including those that the user joins ' +
    'later (users only).',
} as const

const afterArgument = {
  required: false,
  description:
    'A cursor of the channel, after which the stream starts; for users, no earlier than what the device has confirmed. Only together with `channelId`.',
} as const

/** The events without a subscription of their own, and why. `events` delivers all. */
export const eventsWithoutSubscription = {
  messageExtrasUpdated: 'only `events` also tells of what was missed of it',
  reactionsUpdated: 'only `events` also tells of what was missed of it',
  threadTypingStarted: 'only `events` also has the replies that are typed',
  threadTypingEnded: 'only `events` also has the replies that are typed',
  messageAppended: 'only `events` also tells of how the text has ended',
  messageFinished: 'only `events` also tells of what was missed of it',
  channelRemoved: 'it ends every stream of the channel, with NOT_FOUND',
} as const satisfies Partial<Record<ChannelEventType, string>>

type SubscribedType = Exclude<ChannelEventType, keyof typeof eventsWithoutSubscription>

const streamOf = (mode: StreamField['mode'], ...eventTypes: ChannelEventType[]) => ({
  stream: { mode, eventTypes: eventTypes.length > 0 ? new Set(eventTypes) : undefined } satisfies StreamField,
})

const ChannelPosition = builder.inputType('ChannelPosition', {
  description: 'The newest position of one channel that a client has seen.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID of the channel.' }),
    after: t.string({ required: true, description: 'The cursor that was seen last in the channel.' }),
  }),
})

builder.subscriptionFields((t) => {
  const live = <Type extends typeof Message | typeof Member | typeof Channel | typeof Typing>(
    type: Type,
    description: string,
    event: ChannelEventType,
    pick: (event: object) => unknown,
  ) =>
    t.field({
      type,
      description: `${description} Starts with the present; \`events\` also delivers what was missed.`,
      args: { channelId: t.arg.id(channelArgument) },
      extensions: streamOf('live', event),
      subscribe,
      resolve: (root: unknown) => pick((root as EventRoot).event) as never,
    })
  const message = (event: object) => ('message' in event ? event.message : undefined)
  const member = (event: object) => ('member' in event ? event.member : undefined)
  const channel = (event: object) => ('channel' in event ? event.channel : undefined)
  const typing = (event: object) => ('typing' in event ? event.typing : undefined)
  const ofOneEvent = {
    messageAdded: t.field({
      type: Message,
      description:
        'New messages. Starts with what is queued for the caller’s device, or after a cursor, whichever is later. For the backend ' +
        'without a cursor it starts with the present. Ends with CONFLICT when the database has lost messages that the client has seen.',
      args: {
        channelId: t.arg.id(channelArgument),
        after: t.arg.string(afterArgument),
      },
      extensions: streamOf('messages', ...messageStreamTypes),
      subscribe,
      resolve: (root: unknown) => message((root as EventRoot).event) as never,
    }),
    messageUpdated: live(Message, 'Edited messages.', 'messageUpdated', message),
    messageRemoved: live(Message, 'Deleted messages.', 'messageRemoved', message),
    memberJoined: live(Member, 'Members who have joined.', 'memberJoined', member),
    memberUpdated: live(Member, 'Members whose role has changed.', 'memberUpdated', member),
    memberLeft: live(Member, 'Members who have left or were removed.', 'memberLeft', member),
    channelUpdated: live(
      Channel,
      'Channels whose names, attributes or `isFrozen` have changed.',
      'channelUpdated',
      channel,
    ),
    channelTruncated: live(Channel, 'Channels whose oldest messages were taken away.', 'channelTruncated', (event) =>
      'truncation' in event ? (event.truncation as Truncation).channel : undefined,
    ),
    typingStarted: live(
      Typing,
      'Members who are typing messages of the channel itself, or start to; never the calling user.',
      'typingStarted',
      typing,
    ),
    typingEnded: live(Typing, 'Members who stop typing messages of the channel itself.', 'typingEnded', typing),
    receiptsUpdated: t.field({
      type: ReceiptsUpdated,
      description:
        'Members who have read or received more, at most once a second for each channel. With `channelId` it starts with the receipts of ' +
        'all members. Delivers nothing in channels with more members than the service’s `readReceiptsMaxMembers`, and while its ' +
        '`readStatusEnabled` is off.',
      args: { channelId: t.arg.id(channelArgument) },
      extensions: streamOf('live', 'receiptsUpdated'),
      subscribe,
      resolve: (root: unknown) => root as never,
    }),
  } satisfies Record<SubscribedType, unknown>
  return {
    ...ofOneEvent,
    events: t.field({
      type: ChannelEvent,
      description:
        'All events of a channel, or of all channels of the calling user: `Ready`, then what changed since the cursor, then new events as ' +
        'they happen. An event comes only to operations that have a fragment on its type; `Ready`, `Gap` and, ' +
        'without any such fragment, all but `ReceiptsUpdated` and `MessageAppended` come always.',
      args: {
        channelId: t.arg.id(channelArgument),
        after: t.arg.string(afterArgument),
        positions: t.arg({
          type: [ChannelPosition],
          required: false,
          description: 'The newest position that the client has seen of each channel. Only without `channelId`.',
        }),
      },
      extensions: streamOf('everything'),
      subscribe,
      resolve: (root: unknown) => root as never,
    }),
  }
})
