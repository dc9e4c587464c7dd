import type { Channel } from '../store/state.ts'
import type { MemberHandle } from './member.ts'
import type { MessageHandle } from './message.ts'

/**
 * What one hears of a channel, with `channel.on`: each thing once, also after a reconnect or a reload, in the order in which it happened. After an interruption
 * messages come first, and things that changed more than once come in their latest state. What happened during an absence of more than 200 messages is not
 * heard: the list shows it.
 */
export interface ChannelEvents {
  /** Somebody has sent a message, the user itself included. With the `streamState` STREAMING its text is being written. */
  readonly messageAdded: MessageHandle
  /** The text, the attributes or the reactions of a message have changed. */
  readonly messageUpdated: MessageHandle
  /** The text of a message has ended that was written while it was read; `streamState` says how. One that begins and ends during an interruption is heard of as added alone. */
  readonly messageFinished: MessageHandle
  /** A message was pinned. One that is sent and pinned during an interruption is heard of as added alone. */
  readonly messagePinned: MessageHandle
  /** A message is pinned no longer. One that is deleted is heard of as removed alone. */
  readonly messageUnpinned: MessageHandle
  /** A message was deleted. `message` is what was known of it; null where nothing was. */
  readonly messageRemoved: { readonly index: number; readonly message: MessageHandle | null }
  /** Somebody has joined the channel, or was added to it. */
  readonly memberJoined: MemberHandle
  /** The role of a member has changed. */
  readonly memberUpdated: MemberHandle
  /** Somebody has left the channel, or was removed. */
  readonly memberLeft: MemberHandle
  /** Somebody else has begun to type. */
  readonly typingStarted: MemberHandle
  /** Somebody has stopped typing, has sent a message, or has not typed for a while. */
  readonly typingEnded: MemberHandle
  /** Names, attributes or `isFrozen` of the channel have changed. */
  readonly updated: Channel
  /** Its oldest messages were deleted: `firstIndex` is where it begins now. */
  readonly truncated: Channel
}
