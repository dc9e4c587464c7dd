import { messageStreamTypes } from '../../domain/realtime/durable-event.ts'
import type { ChannelEventType } from '../../model/event.ts'
import { builder } from '../schema/builder.ts'
import { Channel, Member, Message, Typing, type EventRoot } from '../schema/refs.ts'
import { ChannelEvent } from '../schema/types/event.ts'
import { subscribe, type StreamField } from './stream-field.ts'

const channelArgument = {
  required: false,
  description:
    'SID or unique name. Without it: all channels of the caller, now and as it joins and leaves them (users only).',
} as const

/** The events without a subscription of their own, and why. `events` delivers all. */
export const eventsWithoutSubscription = {
  channelRemoved: 'it ends every stream of the channel, with NOT_FOUND',
} as const satisfies Partial<Record<ChannelEventType, string>>

type SubscribedType = Exclude<ChannelEventType, keyof typeof eventsWithoutSubscription>

const streamOf = (mode: StreamField['mode'], ...eventTypes: ChannelEventType[]) => ({
  stream: { mode, eventTypes: eventTypes.length > 0 ? new Set(eventTypes) : undefined } satisfies StreamField,
})

const ChannelPosition = builder.inputType('ChannelPosition', {
  description: 'What has been seen of one channel.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'SID.' }),
    after: t.string({ required: true, description: 'Cursor of what was seen last.' }),
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
      description: `${description} Begins now; \`events\` also delivers what was missed.`,
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
        'New messages. Begins with what is queued for the caller’s device, or after a cursor, whichever is later; the backend ' +
        'without a cursor begins now. Ends with CONFLICT when the database has lost messages that its reader has seen.',
      args: {
        channelId: t.arg.id(channelArgument),
        after: t.arg.string({
          required: false,
          description: 'Cursor of a message: begin after it. Only together with channelId.',
        }),
      },
      extensions: streamOf('messages', ...messageStreamTypes),
      subscribe,
      resolve: (root: unknown) => message((root as EventRoot).event) as never,
    }),
    messageUpdated: live(Message, 'Edited messages.', 'messageUpdated', message),
    messageRemoved: live(Message, 'Deleted messages.', 'messageRemoved', message),
    memberJoined: live(Member, 'Members that joined.', 'memberJoined', member),
    memberUpdated: live(Member, 'Members whose role changed.', 'memberUpdated', member),
    memberLeft: live(Member, 'Members that left or were removed.', 'memberLeft', member),
    channelUpdated: live(Channel, 'Changes of a channel’s own fields.', 'channelUpdated', channel),
    typingStarted: live(
      Typing,
      'Members that type when it begins, and that begin to type; never the caller itself.',
      'typingStarted',
      typing,
    ),
    typingEnded: live(Typing, 'Members that stop typing.', 'typingEnded', typing),
  } satisfies Record<SubscribedType, unknown>
  return {
    ...ofOneEvent,
    events: t.field({
      type: ChannelEvent,
      description:
        'Everything in a channel, or in all of the caller’s channels: Ready, then what changed after the cursor, then what happens.',
      args: {
        channelId: t.arg.id(channelArgument),
        after: t.arg.string({
          required: false,
          description: 'Any cursor of the channel. Only together with channelId.',
        }),
        positions: t.arg({
          type: [ChannelPosition],
          required: false,
          description: 'Without channelId: what has been seen of each channel.',
        }),
      },
      extensions: streamOf('everything'),
      subscribe,
      resolve: (root: unknown) => root as never,
    }),
  }
})
