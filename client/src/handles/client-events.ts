import type { Channel, ConnectionState, Invite } from '../store/state.ts'
import type { ChannelHandle } from './channel.ts'
import type { MessageHandle } from './message.ts'

/** What one hears of the client, with `client.on`. */
export interface ClientEvents {
  /** How the connection is has changed. */
  readonly connectionState: ConnectionState
  /**
   * A new message by somebody else that calls for a notification: not one that was read already, nor one in a channel that is muted or archived, that a
   * visible tab shows, or whose `notificationLevel` is not `ALL`. In exactly one of the tabs that are open.
   */
  readonly notification: MessageHandle
  /** The user has joined a channel, or was added to one. */
  readonly channelJoined: ChannelHandle
  /** The user has left, was removed, or the channel was deleted. */
  readonly channelLeft: Channel
  /** The user is invited; with the module `invites` also of each invite that stood when the client began. */
  readonly invite: Invite
  /** The invite was used, declined or withdrawn. */
  readonly inviteEnded: { readonly id: string }
}
