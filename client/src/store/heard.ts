import type { Change, StreamEvent } from './change.ts'
import { isBeyond, viewerSeqOf } from './cursor.ts'
import { placeOf } from './messages.ts'
import type { Channel, ChannelState, ConnectionState, Invite, Member, Message } from './state.ts'

/** What listeners hear of. Data; the handles make of it what they pass on. */
export type Heard =
  | {
      readonly name: 'messageAdded' | 'messageUpdated' | 'messageFinished' | 'messagePinned' | 'messageUnpinned'
      readonly channelId: string
      readonly message: Message
    }
  | {
      readonly name: 'messageRemoved'
      readonly channelId: string
      readonly index: number
      readonly message: Message | null
    }
  | {
      readonly name: 'memberJoined' | 'memberUpdated' | 'memberLeft' | 'typingStarted' | 'typingEnded'
      readonly channelId: string
      readonly identity: string
      readonly member: Member | null
    }
  | { readonly name: 'textTorn'; readonly channelId: string; readonly message: Message }
  | { readonly name: 'updated' | 'truncated'; readonly channelId: string; readonly channel: Channel }
  | { readonly name: 'channelJoined' | 'countStale'; readonly channelId: string }
  | { readonly name: 'channelLeft'; readonly channelId: string; readonly channel: Channel }
  | { readonly name: 'invite'; readonly invite: Invite }
  | { readonly name: 'inviteEnded'; readonly id: string }
  | { readonly name: 'connectionState'; readonly connection: ConnectionState }

/**
 * What a change of a channel lets hear that was `known` before and is `changed` now. What the stream had delivered before is not heard again; a message that
 * is known is heard of as updated or removed whichever way that was learned first.
 */
export function heardOfChannel(change: Change, known: ChannelState, changed: ChannelState): readonly Heard[] {
  const heard: Heard[] = []
  if (change.kind === 'messages') heard.push(...heardOfMessages(change, known))
  else if (change.kind === 'reactions') heard.push(...heardOfReactions(change, known, changed))
  else if (change.kind === 'appended') heard.push(...heardOfPiece(change, known, changed))
  else if (change.kind === 'messageRemoved') heard.push(...heardOfRemoval(change, known))
  else if (isStreamed(change) && isNews(change, known)) heard.push(...heardOfEvent(change, known, changed))
  if (known.typing !== changed.typing) heard.push(...heardOfTyping(known, changed))
  if (changed.counted.isStale && !known.counted.isStale) heard.push({ name: 'countStale', channelId: known.channel.id })
  return heard
}

type Streamed = Extract<Change, { readonly event?: StreamEvent }> & { readonly event: StreamEvent }

const isStreamed = (change: Change): change is Streamed => 'event' in change && change.event !== undefined

/** Whether the stream says it for the first time. */
const isNews = ({ event }: { readonly event: StreamEvent }, { position }: ChannelState): boolean =>
  position === null || isBeyond(event.cursor, position)

function heardOfMessages(change: Extract<Change, { kind: 'messages' }>, known: ChannelState): readonly Heard[] {
  const { channelId, event } = change
  const isFirst = event !== undefined && isNews({ event }, known)
  return change.messages.flatMap((message): Heard[] => {
    const present = known.messages[placeOf(known.messages, message.index)]
    const before = present?.index === message.index ? present : undefined
    if (known.removed.has(message.index)) return []
    if (isFirst && event.name === 'messageAdded') return [{ name: 'messageAdded', channelId, message }]
    if (before ? message.revision <= before.revision : !isFirst) return []
    const isEdited = before ? message.version > before.version : event?.changes?.includes('EDIT')
    const isTurned = before ? message.pinnedAt !== before.pinnedAt : event?.changes?.includes('PIN')
    const isEnded = before
      ? before.streamState === 'STREAMING' && message.streamState !== 'STREAMING'
      : event?.name === 'messageFinished'
    const pin = message.pinnedAt === null ? 'messageUnpinned' : 'messagePinned'
    const names = [
      ...(isEnded ? (['messageFinished'] as const) : []),
      ...(isEdited ? (['messageUpdated'] as const) : []),
      ...(isTurned ? ([pin] as const) : []),
    ]
    return names.map((name) => ({ name, channelId, message }))
  })
}

function heardOfReactions(
  change: Extract<Change, { kind: 'reactions' }>,
  known: ChannelState,
  changed: ChannelState,
): readonly Heard[] {
  const { channelId, index } = change
  const message = changed.messages[placeOf(changed.messages, index)]
  const isHeard = changed.messages !== known.messages && message !== undefined
  return isHeard ? [{ name: 'messageUpdated', channelId, message }] : []
}

/** That a text is known in two parts, once. */
function heardOfPiece(
  { channelId, index }: Extract<Change, { kind: 'appended' }>,
  known: ChannelState,
  changed: ChannelState,
): readonly Heard[] {
  const place = placeOf(changed.messages, index)
  const message = changed.messages[place]
  const isTorn = message?.index === index && message.ahead !== undefined && known.messages[place]?.ahead === undefined
  return isTorn ? [{ name: 'textTorn', channelId, message }] : []
}

function heardOfRemoval(
  { channelId, index, isHidden, event }: Extract<Change, { kind: 'messageRemoved' }>,
  known: ChannelState,
): readonly Heard[] {
  if (isHidden || known.removed.has(index) || (event && !isNews({ event }, known))) return []
  const present = known.messages[placeOf(known.messages, index)]
  return [{ name: 'messageRemoved', channelId, index, message: present?.index === index ? present : null }]
}

function heardOfEvent(
  change: Exclude<Streamed, { kind: 'messages' | 'reactions' | 'messageRemoved' }>,
  known: ChannelState,
  { channel }: ChannelState,
): readonly Heard[] {
  const channelId = known.channel.id
  switch (change.kind) {
    case 'members': {
      const name = change.event.name === 'memberJoined' ? 'memberJoined' : 'memberUpdated'
      return change.members.map((member) => ({ name, channelId, identity: member.identity, member }))
    }
    case 'memberLeft': {
      const { identity } = change
      return [{ name: 'memberLeft', channelId, identity, member: known.members.get(identity) ?? null }]
    }
    case 'truncated':
      return [{ name: 'truncated', channelId, channel }]
    // Their threads say so.
    case 'reply':
      return []
    case 'channel':
      return [{ name: 'updated', channelId, channel }]
  }
}

function heardOfTyping(known: ChannelState, changed: ChannelState): readonly Heard[] {
  const only = (name: 'typingStarted' | 'typingEnded', here: ChannelState, there: ChannelState): readonly Heard[] =>
    here.typing
      .filter(({ identity }) => !there.typing.some((one) => one.identity === identity))
      .map(({ identity }) => ({
        name,
        channelId: known.channel.id,
        identity,
        member: changed.members.get(identity) ?? null,
      }))
  return [...only('typingEnded', known, changed), ...only('typingStarted', changed, known)]
}

/** Whether the user has just joined, as its own event says which is beyond those that came before; a list that is read lets nothing hear. */
export function isJoining({ isNew, asOf }: Extract<Change, { kind: 'joined' }>, viewerCursor: string | null): boolean {
  return isNew === true && viewerSeqOf(asOf) > viewerSeqOf(viewerCursor)
}
