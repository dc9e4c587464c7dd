import type { ChannelState, User } from '@fonechat/client'
import type { Person } from '../model.ts'

/** A person as the views show it. */
export const personOf = (user: Pick<User, 'identity' | 'friendlyName'>): Person => ({
  identity: user.identity,
  name: user.friendlyName ?? user.identity,
})

/** Somebody of a channel, by identity: known by membership, by a message, or not at all. */
export function personIn(known: ChannelState, identity: string): Person {
  const user =
    known.members.get(identity)?.user ??
    known.messages.find(({ authorIdentity }) => authorIdentity === identity)?.author
  return user ? personOf(user) : { identity, name: identity }
}

/** The other person of a direct channel, or null. */
export function otherOf(known: ChannelState, self: string): Person | null {
  if (!known.channel.isDirect) return null
  const other = [...known.members.values()].find(({ identity }) => identity !== self)
  return other ? personOf(other.user) : null
}

/** What a channel is called in an address. */
export const addressOf = (known: ChannelState): string => known.channel.uniqueName ?? known.channel.id
