import type { ChannelListSnapshot, ChannelRow } from '@fonechat/client'
import type { Draft } from '@fonechat/client/later'
import type { Person, ShownChannel } from '../model.ts'
import { addressOf, otherOf, personIn } from './names.ts'

export interface ChannelsInput {
  readonly list: ChannelListSnapshot
  readonly self: Person
  readonly isOnline: (identity: string) => boolean | undefined
  /** What the user is writing, by the SIDs of channels. */
  readonly drafts?: ReadonlyMap<string, Draft> | undefined
  /** Unread mentions, by the SIDs of channels. */
  readonly mentions?: ReadonlyMap<string, number> | undefined
  /** The address of a channel, by its name there. */
  readonly hrefOf: (channel: string) => string
}

/** The channels of the user: pinned ones by their place, then the most recently active first. */
export function shownChannels({
  list,
  self,
  isOnline,
  drafts,
  mentions,
  hrefOf,
}: ChannelsInput): readonly ShownChannel[] {
  return [...list.pinned, ...list.rows].map((row) => {
    const { id, name, state, lastMessage, unreadCount } = row
    const other = otherOf(state, self.identity)
    return {
      id,
      name,
      person: other && { ...other, isOnline: isOnline(other.identity) },
      lastLine: lastLine(row, self),
      draft: drafts?.get(id)?.body ?? null,
      lastAt: lastMessage?.createdAt ?? null,
      unread: unreadCount ?? 0,
      mentions: mentions?.get(id) ?? 0,
      href: hrefOf(addressOf(state)),
    }
  })
}

function lastLine({ state, lastMessage, isDirect }: ChannelRow, self: Person): string {
  const waiting = state.pending.findLast(
    ({ action }) => action.kind === 'send' && (action.parentId === undefined || action.showInChannel),
  )?.action
  if (waiting?.kind === 'send') return `You: ${waiting.body}`
  if (!lastMessage) return ''
  if (lastMessage.authorIdentity === self.identity) return `You: ${lastMessage.body}`
  return isDirect ? lastMessage.body : `${personIn(state, lastMessage.authorIdentity).name}: ${lastMessage.body}`
}
