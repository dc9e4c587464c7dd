import type { Channel } from '../store/state.ts'
import type { MemberHandle } from './member.ts'
import type { MessageHandle } from './message.ts'

/**
 * What one hears of a channel, with `channel.on`: each thing once, also after a reconnect or a reload, in the order in which it happened. After an interruption
 * messages come first, and things that changed more than once come in their latest state. What happened during an absence of more than 200 messages is not
 * heard: the list shows it.
 */
export interface ChannelEvents {
  /** Somebody has sent a message, the user itself included. */
  readonly messageAdded: MessageHandle
  readonly messageUpdated: MessageHandle
  /** `message` is what was known of it. */
  readonly messageRemoved: { readonly index: number; readonly message: MessageHandle | null }
  readonly memberJoined: MemberHandle
  /** Its role has changed. */
  readonly memberUpdated: MemberHandle
  readonly memberLeft: MemberHandle
  readonly typingStarted: MemberHandle
  /** It has stopped, has sent its message, or has not typed for a while. */
  readonly typingEnded: MemberHandle
  /** Names, attributes or `isFrozen` of the channel have changed. */
  readonly updated: Channel
  /** Its oldest messages were deleted: `firstIndex` is where it begins now. */
  readonly truncated: Channel
}
