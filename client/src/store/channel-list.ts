import { isCovered } from './intervals.ts'
import type { ChannelState, Message, State } from './state.ts'

/** A line of the channel list. The same object for as long as nothing of its channel has changed. */
export interface ChannelRow {
  readonly id: string
  /** The friendly or unique name, and for a direct channel the names of the others. */
  readonly name: string
  readonly state: ChannelState
  /** The newest message that is not deleted; null where there is none or it is not known. */
  readonly lastMessage: Message | null
  readonly unreadCount: number | null
  readonly isDirect: boolean
  /** Until when it is muted, in milliseconds since the epoch; null while it is not. It may have passed. */
  readonly muteEndsAt: number | null
}

export interface ChannelListSnapshot {
  /** By their place. */
  readonly pinned: readonly ChannelRow[]
  /** The others, those first where something was said last. Archived and hidden ones are left out. */
  readonly rows: readonly ChannelRow[]
  /** Whether there are channels that were not read yet. */
  readonly hasMore: boolean
  /** Of all channels that were read but muted, archived and hidden ones. */
  readonly unread: UnreadTotals
}

export interface UnreadTotals {
  readonly messages: number
  /** Channels with unread messages, direct ones included. */
  readonly channels: number
  readonly directChannels: number
}

const rows = new WeakMap<ChannelState, ChannelRow>()

/** What people call a channel: by its friendly name, its unique name, or a direct one by its other members; else by its SID. */
export function channelName({
  channel,
  members,
  membership,
}: Pick<ChannelState, 'channel'> & Partial<Pick<ChannelState, 'members' | 'membership'>>): string {
  const { friendlyName, uniqueName, isDirect, id } = channel
  const others = [...(members?.values() ?? [])].filter(({ identity }) => identity !== membership?.identity)
  const names = others.map(({ user, identity }) => user.friendlyName ?? identity)
  return friendlyName ?? uniqueName ?? (isDirect && names.length > 0 ? names.join(', ') : id)
}

function lastMessageOf({ messages, intervals, head, removed }: ChannelState): Message | null {
  const last = messages.findLast(({ deletedAt }) => !deletedAt)
  if (!last) return null
  const isNewest = last.index >= head || isCovered(intervals, [last.index + 1, head])
  const areRemoved = (): boolean => {
    for (let index = last.index + 1; index <= head; index++) if (!removed.has(index)) return false
    return true
  }
  return isNewest || (head - last.index < 1000 && areRemoved()) ? last : null
}

/** Whether the newest message is known, or that there is none. */
export function isLastMessageKnown(known: ChannelState): boolean {
  const { head, channel, intervals } = known
  return lastMessageOf(known) !== null || head < channel.firstIndex || isCovered(intervals, [channel.firstIndex, head])
}

function rowOf(state: ChannelState): ChannelRow {
  const known = rows.get(state)
  if (known) return known
  const { muteEndsAt = null } = state.membership.preferences ?? {}
  const row: ChannelRow = {
    id: state.channel.id,
    name: channelName(state),
    state,
    lastMessage: lastMessageOf(state),
    unreadCount: state.unreadCount,
    isDirect: state.channel.isDirect,
    muteEndsAt: muteEndsAt === null ? null : Date.parse(muteEndsAt),
  }
  rows.set(state, row)
  return row
}

/** A direct channel that somebody else has opened is shown with its first message. */
function isListed({ channel, membership, head, pending }: ChannelState): boolean {
  const { preferences } = membership
  if (preferences?.isArchived || preferences?.isHidden) return false
  return !channel.isDirect || head >= 0 || pending.length > 0 || channel.createdBy === membership.identity
}

/** The list at a time, which decides what is muted. */
export function selectChannelList({ channels, listStatus }: State, now: number): ChannelListSnapshot {
  const listed = [...channels.values()].filter(isListed)
  const pinnedOrder = ({ membership }: ChannelState): number | null => membership.preferences?.pinnedOrder ?? null
  const byActivity = listed.toSorted((one, other) => other.activityAt - one.activityAt)
  const unread = byActivity.map(rowOf).filter((row) => (row.unreadCount ?? 0) > 0 && (row.muteEndsAt ?? 0) <= now)
  return {
    pinned: byActivity
      .filter((known) => pinnedOrder(known) !== null)
      .toSorted((one, other) => pinnedOrder(one)! - pinnedOrder(other)!)
      .map(rowOf),
    rows: byActivity.filter((known) => pinnedOrder(known) === null).map(rowOf),
    hasMore: listStatus !== 'complete',
    unread: {
      messages: unread.reduce((sum, { unreadCount }) => sum + unreadCount!, 0),
      channels: unread.length,
      directChannels: unread.filter(({ isDirect }) => isDirect).length,
    },
  }
}
