import { parseCursor } from '../cursor.ts'
import type {
  EventsSubscription,
  MessageChange,
  ReceiptsUpdatedSubscription,
  ThreadParentFragment,
  ViewerEventsSubscription,
} from '../graphql/generated/types.ts'
import type { Change, StreamEvent, StreamEventName } from '../store/change.ts'
import type { Message, State } from '../store/state.ts'
import { messageChange, removalChange } from '../store/thread.ts'
import { listedChanges } from './page-changes.ts'

type ChannelEvent = EventsSubscription['events']
/** Of the others a client has no fragment, so they do not come. */
export type ViewerEvent = Extract<ViewerEventsSubscription['viewerEvents'], { readonly cursor: string }>

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
    case 'MessageAdded': {
      const { parent, ...message } = event.message
      const { index } = message
      return [
        ...threadChanges(message, parent),
        ...heard(event, 'messageAdded', messageChange(message, [index, index])),
      ]
    }
    case 'MessageUpdated': {
      const { changes } = event
      const { reactions: _, ...content } = event.message
      // Reactions that were heard of have events of their own, which say what the user itself has.
      const message = changes.includes('REACTIONS') ? event.message : content
      return heard(event, 'messageUpdated', messageChange(message), changes)
    }
    case 'MessageAppended': {
      const { channelId, index, offset, text } = event
      return [{ kind: 'appended', channelId, index, offset, text }]
    }
    case 'MessageFinished':
      return heard(event, 'messageFinished', messageChange(event.message))
    case 'MessageRemoved': {
      const { parent, ...message } = event.message
      return [...threadChanges(message, parent), ...heard(event, 'messageRemoved', removalChange(message))]
    }
    case 'MemberJoined': {
      const { channel, ...member } = event.member
      const { id: channelId, membersCount: totalCount } = channel
      return heard(event, 'memberJoined', { kind: 'members', channelId, members: [member], totalCount })
    }
    case 'MemberUpdated': {
      const { member } = event
      const { channelId } = member
      return heard(event, 'memberUpdated', { kind: 'members', channelId, members: [member], totalCount: null })
    }
    case 'MemberLeft': {
      const { channelId, identity, revision, channel } = event.member
      const { membersCount: totalCount } = channel
      return heard(event, 'memberLeft', { kind: 'memberLeft', channelId, identity, revision, totalCount })
    }
    case 'ChannelUpdated': {
      const { channel } = event
      return heard(event, 'updated', { kind: 'channel', channelId: channel.id, channel })
    }
    case 'ChannelRemoved':
      return [{ kind: 'channelGone', channelId: event.channel.id, memberId: null }]
    case 'ChannelTruncated': {
      const { channel, firstIndex } = event
      return [
        { kind: 'channel', channelId: channel.id, channel },
        ...heard(event, 'truncated', { kind: 'truncated', channelId: channel.id, firstIndex }),
      ]
    }
    case 'TypingStarted':
    case 'TypingEnded':
    case 'ThreadTypingStarted':
    case 'ThreadTypingEnded': {
      const { typing } = event
      const until = 'expiresAt' in typing ? Date.parse(typing.expiresAt) : null
      const parentId = 'parentId' in typing ? typing.parentId! : undefined
      return [{ kind: 'typing', channelId: typing.channel.id, identity: typing.member.identity, until, parentId }]
    }
    case 'ReceiptsUpdated':
      return [receiptsChange(event)]
    case 'ReactionsUpdated': {
      const { message, added, removed } = event
      const { channelId, index, reactions } = message
      const self = state.channels.get(channelId)?.membership.identity
      const ownOf = (all: typeof added): string[] =>
        all.flatMap(({ identity, reaction }) => (identity === self ? reaction : []))
      const own = { added: ownOf(added), removed: ownOf(removed) }
      const { seq: at } = parseCursor(event.cursor)
      return heard(event, 'messageUpdated', { kind: 'reactions', channelId, index, at, reactions, own })
    }
  }
}

/** What a reply, or the removal of one, has led to. */
function threadChanges({ channelId }: Message, parent: ThreadParentFragment | null): Change[] {
  return parent ? [{ kind: 'thread', channelId, index: parent.index, parent }] : []
}

/** How far members have read and received. */
export function receiptsChange({ channelId, receipts }: ReceiptsUpdatedSubscription['receiptsUpdated']): Change {
  return {
    kind: 'receipts',
    channelId,
    receipts: receipts.map(({ member, readIndex, deliveredIndex }) => ({
      identity: member.identity,
      readIndex,
      deliveredIndex,
    })),
  }
}

/** A change that the stream has delivered, and the position that this reaches. */
function heard(
  { cursor }: { readonly cursor: string },
  name: StreamEventName,
  change: Extract<Change, { readonly event?: StreamEvent }>,
  changes?: readonly MessageChange[],
): Change[] {
  return [
    { ...change, event: { name, cursor, ...(changes && { changes }) } },
    { kind: 'position', channelId: change.channelId, cursor },
  ]
}

/** What an event of the user changes. `ViewerGap` asks for reading everything again, which is the engine's. */
export function viewerEventChanges(event: ViewerEvent): Change[] {
  const { cursor } = event
  return [...changesOfViewer(event), { kind: 'viewerCursor', cursor }]
}

function changesOfViewer(event: ViewerEvent): Change[] {
  switch (event.__typename) {
    case 'ViewerChannelJoined':
      return listedChanges([event.member], { viewerCursor: event.cursor, channels: new Map() }).map((change) =>
        change.kind === 'joined' ? { ...change, isNew: true } : change,
      )
    case 'ViewerChannelLeft':
      return [{ kind: 'channelGone', channelId: event.channelId, memberId: event.memberId }]
    case 'ViewerChannelUpdated': {
      const { channel, ...membership } = event.member
      return [{ kind: 'membership', membership, head: channel.lastMessage?.index ?? -1, asOf: event.cursor }]
    }
    case 'ViewerInviteAdded':
      return [{ kind: 'invite', invite: event.invite }]
    case 'ViewerInviteRemoved':
      return [{ kind: 'inviteGone', id: event.invite.id }]
    case 'Ready':
    case 'ViewerGap':
    case 'ViewerThreadUpdated':
    case 'ViewerUserUpdated':
      return []
  }
}
