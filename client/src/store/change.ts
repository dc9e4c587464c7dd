import type { MessageChange, ThreadParentFragment } from '../graphql/generated/types.ts'
import type { Piece } from './piece.ts'
import type { ReactionGroup } from './reacted.ts'
import type {
  Channel,
  ConnectionState,
  Interval,
  Invite,
  Member,
  Membership,
  Message,
  ModuleValue,
  OutboxItem,
  Receipt,
  Session,
} from './state.ts'

/** What happened, in the words of the stream of a channel. */
export type StreamEventName =
  | 'messageAdded'
  | 'messageUpdated'
  | 'messageFinished'
  | 'messageRemoved'
  | 'memberJoined'
  | 'memberUpdated'
  | 'memberLeft'
  | 'updated'
  | 'truncated'

/** That a change came by the stream: it is heard of once, when it is beyond the position. A `position` with this cursor follows it. */
export interface StreamEvent {
  readonly name: StreamEventName
  readonly cursor: string
  /** Of `messageUpdated`. */
  readonly changes?: readonly MessageChange[]
}

/** A piece of a text that is being written. It has no number, and nothing of it is kept. */
export type AppendedChange = { readonly kind: 'appended'; readonly channelId: string; readonly index: number } & Piece

/** The reactions to a message as of a number of its channel. */
export type ReactionsChange = {
  readonly kind: 'reactions'
  readonly index: number
  readonly at: number
  readonly reactions: readonly ReactionGroup[]
  /** What the user itself has added and taken away with it; left out where `reactions` says what it has. */
  readonly own?: { readonly added: readonly string[]; readonly removed: readonly string[] }
} & OfChannel

/** What replies have led to, as of a number of the channel: a reply and its removal say it of their parent, and nothing else of that. */
export interface ThreadChange {
  readonly kind: 'thread'
  readonly channelId: string
  /** Of the parent. */
  readonly index: number
  readonly parent: ThreadParentFragment
}

interface OfChannel {
  readonly channelId: string
  /** Left out where the change was read, or came by another way. */
  readonly event?: StreamEvent
  /** Of a reading that counts members: the channel's position when it was asked for. Left out, or null, where there was none. */
  readonly readAt?: string | null | undefined
}

/** The user's membership, and what is to be known of its reading. */
interface MembershipRead {
  readonly membership: Membership
  /** Index of the channel's newest message when it was read; null where that was not read, and then the count of it does not count. */
  readonly head: number | null
  /** Cursor of the user's events that it is not older than; null at the very start. */
  readonly asOf: string | null
  /** It was asked for because the count was stale, and nothing was removed since it was asked for. */
  readonly isRecount?: boolean
}

/**
 * Everything that can happen to the state, wherever it came from: an event, a page, the local copy, the outbox, another tab. Applying a change
 * twice, or an older one after a newer one, changes nothing. Plain data: it passes between tabs and into the database.
 */
export type Change =
  | { readonly kind: 'connection'; readonly connection: ConnectionState }
  /** `clockAhead` as in the state; left out where the server has not said what time it is. */
  | { readonly kind: 'session'; readonly session: Session | null; readonly clockAhead?: number }
  /** A channel of the user: the only change that makes one. */
  | ({
      readonly kind: 'joined'
      readonly channel: Channel
      /** By an event of the user, not from a list: listeners hear of it. */
      readonly isNew?: boolean
      /** The channel's position when this was asked for. */
      readonly readAt?: string | null | undefined
    } & MembershipRead)
  | ({ readonly kind: 'membership' } & MembershipRead)
  /** Names, attributes and such of a channel that is known. */
  | ({ readonly kind: 'channel'; readonly channel: Channel } & OfChannel)
  /** The user left the channel (`memberId` is its membership), or the channel was deleted (null). */
  | { readonly kind: 'channelGone'; readonly channelId: string; readonly memberId: string | null }
  /** Messages, and the interval of which they are all that there is; null when they came alone. */
  | ({
      readonly kind: 'messages'
      readonly messages: readonly Message[]
      readonly covered: Interval | null
    } & OfChannel)
  | ReactionsChange
  | ThreadChange
  /** A reply that the channel does not show: who shows its thread wants it. */
  | ({ readonly kind: 'reply'; readonly message: Message } & OfChannel)
  | AppendedChange
  /** `authorIdentity` is left out where it is not known. */
  | ({
      readonly kind: 'messageRemoved'
      readonly index: number
      readonly revision: number
      readonly authorIdentity?: string
      /** It counted for no unread. */
      readonly isSilent?: boolean
      /** The channel did not show it. */
      readonly isHidden?: true
      /** What stays of it, since it has replies. */
      readonly left?: Message
    } & OfChannel)
  | ({ readonly kind: 'truncated'; readonly firstIndex: number } & OfChannel)
  /** `totalCount` is how many members there were when this was read; null where that was not read. */
  | ({ readonly kind: 'members'; readonly members: readonly Member[]; readonly totalCount: number | null } & OfChannel)
  | ({
      readonly kind: 'memberLeft'
      readonly identity: string
      readonly revision: number
      readonly totalCount: number
    } & OfChannel)
  | {
      readonly kind: 'receipts'
      readonly channelId: string
      readonly receipts: readonly (Receipt & { readonly identity: string })[]
    }
  /** The user has read up to this message. The server says the same by a `membership`, which is the truth. */
  | { readonly kind: 'read'; readonly channelId: string; readonly index: number }
  /** `until` is null when the typing ended. In the thread of `parentId`, or in the channel itself. */
  | {
      readonly kind: 'typing'
      readonly channelId: string
      readonly identity: string
      readonly until: number | null
      readonly parentId?: string | undefined
    }
  /** The stream of events begins here: what comes after this cursor arrives. */
  | { readonly kind: 'started'; readonly channelId: string; readonly cursor: string }
  /** The stream has delivered everything up to this cursor. */
  | { readonly kind: 'position'; readonly channelId: string; readonly cursor: string }
  /** The server lost data of this channel: nothing that is known of its messages counts any more. */
  | { readonly kind: 'reset'; readonly channelId: string }
  | { readonly kind: 'invite'; readonly invite: Invite }
  | { readonly kind: 'inviteGone'; readonly id: string }
  | { readonly kind: 'viewerCursor'; readonly cursor: string | null }
  /** A page of the list was read; the next one begins at `cursor`. */
  | { readonly kind: 'list'; readonly isComplete: boolean; readonly cursor: string | null }
  /** Whether the device keeps the state. Each tab says so for itself. */
  | { readonly kind: 'kept'; readonly isKept: boolean }
  /** All that waits in the outbox. Between tabs, with `gone`: what is new in it, and the ids of what went. */
  | { readonly kind: 'outbox'; readonly items: readonly OutboxItem[]; readonly gone?: readonly number[] }
  /** What a module keeps under a name. */
  | ({ readonly kind: 'module'; readonly name: string } & ModuleValue)
