import type { ChannelState, Message, State } from '@fonechat/client'
import type { Person, ShownChannel } from '../model.ts'
import { addressOf, nameOf, otherOf, personIn } from './names.ts'

export interface ChannelsInput {
  readonly state: State
  readonly self: Person
  readonly isOnline: (identity: string) => boolean | undefined
  /** The address of a channel, by its name there. */
  readonly hrefOf: (channel: string) => string
}

/** The channels of the user, the most recently active first; archived and hidden ones, and direct ones that nobody wrote in, are left out. */
export function shownChannels({ state, self, isOnline, hrefOf }: ChannelsInput): readonly ShownChannel[] {
  return [...state.channels.values()]
    .filter((known) => isListed(known, self.identity))
    .map((known) => ({ known, at: activity(known) }))
    .toSorted((a, b) => b.at - a.at)
    .map(({ known }) => {
      const other = otherOf(known, self.identity)
      const last = known.messages.at(-1)
      return {
        id: known.channel.id,
        name: nameOf(known, self.identity),
        person: other && { ...other, isOnline: isOnline(other.identity) },
        lastLine: lastLine(known, last, self),
        lastAt: last?.createdAt ?? null,
        unread: known.unreadCount ?? 0,
        href: hrefOf(addressOf(known)),
      }
    })
}

function isListed({ membership, channel, messages, pending }: ChannelState, self: string): boolean {
  if (membership === null || membership.preferences?.isArchived || membership.preferences?.isHidden) return false
  return !channel.isDirect || channel.createdBy === self || messages.length > 0 || pending.length > 0
}

function activity({ messages, pending, channel }: ChannelState): number {
  return Math.max(pending.at(-1)?.createdAt ?? 0, Date.parse(messages.at(-1)?.createdAt ?? channel.createdAt))
}

function lastLine(known: ChannelState, last: Message | undefined, self: Person): string {
  const waiting = known.pending.findLast(({ action }) => action.kind === 'send')?.action
  if (waiting?.kind === 'send') return `You: ${waiting.body}`
  if (!last) return ''
  if (last.authorIdentity === self.identity) return `You: ${last.body}`
  return known.channel.isDirect ? last.body : `${personIn(known, last.authorIdentity).name}: ${last.body}`
}
