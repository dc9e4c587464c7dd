import type { Channel, ConnectionState, Invite } from '../store/state.ts'
import type { ChannelHandle } from './channel.ts'
import type { MessageHandle } from './message.ts'

/** What one hears of the client, with `client.on`. */
export interface ClientEvents {
  readonly connectionState: ConnectionState
  /**
   * A new message by somebody else that the user is to be told of: not in a channel that is muted, archived or that a visible tab shows, nor one that was
   * read on another device. In exactly one of the tabs that are open.
   */
  readonly notification: MessageHandle
  /** The user has joined a channel, or was added to one. */
  readonly channelJoined: ChannelHandle
  /** The user has left, was removed, or the channel was deleted. */
  readonly channelLeft: Channel
  /** The user is invited; also of each invite that stood when the client began. */
  readonly invite: Invite
  /** The invite was used, declined or withdrawn. */
  readonly inviteEnded: { readonly id: string }
}
