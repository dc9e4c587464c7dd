import type { EventsSubscription, ViewerEventsSubscription } from '../graphql/generated/types.ts'
import type { Change } from '../store/change.ts'
import type { State } from '../store/state.ts'
import { listedChanges } from './page-changes.ts'

type ChannelEvent = EventsSubscription['events']
type ViewerEvent = ViewerEventsSubscription['viewerEvents']

/** What an event of a channel changes. */
export function channelEventChanges(event: ChannelEvent, state: State): Change[] {
  switch (event.__typename) {
    case 'Ready':
      return event.cursors.map(({ channel, cursor }) => ({ kind: 'started', channelId: channel.id, cursor }))
    case 'Gap': {
      const tail = event.cursor.split('.')[0]!
      const channelId = [...state.channels.keys()].find((id) => id.endsWith(tail))
      return channelId === undefined
        ? []
        : [
            { kind: 'reset', channelId },
            { kind: 'started', channelId, cursor: event.cursor },
          ]
    }
    case 'MessageAdded':
    case 'MessageUpdated': {
      const { message, cursor } = event
      const { channelId, index } = message
      const covered = event.__typename === 'MessageAdded' ? ([index, index] as const) : null
      return [
        { kind: 'messages', channelId, messages: [message], covered },
        { kind: 'position', channelId, cursor },
      ]
    }
    case 'MessageRemoved': {
      const { channelId, index, revision } = event.message
      return [
        { kind: 'messageRemoved', channelId, index, revision },
        { kind: 'position', channelId, cursor: event.cursor },
      ]
    }
    case 'MemberJoined':
    case 'MemberUpdated': {
      const { member, cursor } = event
      return [
        { kind: 'members', channelId: member.channelId, members: [member], totalCount: null },
        { kind: 'position', channelId: member.channelId, cursor },
      ]
    }
    case 'MemberLeft': {
      const { channelId, identity, revision } = event.member
      return [
        { kind: 'memberLeft', channelId, identity, revision },
        { kind: 'position', channelId, cursor: event.cursor },
      ]
    }
    case 'ChannelUpdated':
      return [
        { kind: 'channel', channel: event.channel },
        { kind: 'position', channelId: event.channel.id, cursor: event.cursor },
      ]
    case 'ChannelRemoved':
      return [{ kind: 'channelGone', channelId: event.channel.id }]
    case 'ChannelTruncated': {
      const { channel, firstIndex, cursor } = event
      return [
        { kind: 'channel', channel },
        { kind: 'truncated', channelId: channel.id, firstIndex },
        { kind: 'position', channelId: channel.id, cursor },
      ]
    }
    case 'TypingStarted': {
      const { channel, member, expiresAt } = event.typing
      return [{ kind: 'typing', channelId: channel.id, identity: member.identity, until: Date.parse(expiresAt) }]
    }
    case 'TypingEnded': {
      const { channel, member } = event.typing
      return [{ kind: 'typing', channelId: channel.id, identity: member.identity, until: null }]
    }
    case 'ReceiptsUpdated': {
      const receipts = event.receipts.map(({ member, readIndex, deliveredIndex }) => ({
        identity: member.identity,
        readIndex,
        deliveredIndex,
      }))
      return [{ kind: 'receipts', channelId: event.channelId, receipts }]
    }
  }
}

/** What an event of the user changes. `ViewerGap` asks for reading everything again, which is the engine's. */
export function viewerEventChanges(event: ViewerEvent): Change[] {
  const position = { kind: 'viewerCursor', cursor: event.cursor } as const
  switch (event.__typename) {
    case 'ViewerChannelJoined':
      return [...listedChanges([event.member]), position]
    case 'ViewerChannelLeft':
      return [{ kind: 'channelGone', channelId: event.channelId }, position]
    case 'ViewerChannelUpdated':
      return [{ kind: 'membership', membership: event.member, head: null }, position]
    case 'Ready':
    case 'ViewerGap':
    case 'ViewerInviteAdded':
    case 'ViewerInviteRemoved':
    case 'ViewerUserUpdated':
      return [position]
  }
}
