import type {
  ChannelFieldsFragment,
  MemberFieldsFragment,
  MessageFieldsFragment,
  UserFieldsFragment,
  ViewerMemberFieldsFragment,
} from '../graphql/generated/types.ts'
import type { Streamed } from './piece.ts'
import type { Reacted } from './reacted.ts'

/**
 * What an application keeps in `attributes`, by declaration merging; what is not named is `unknown`:
 *
 *     declare module '@fonechat/client' { interface AttributeTypes { message: { replyTo?: string } } }
 *
 * Names: `message`, `channel`, `preferences`. The server does not check the types.
 */
export interface AttributeTypes {}
type Attributes<Name extends string> = AttributeTypes extends { readonly [Key in Name]: infer Type } ? Type : unknown

export type Message = Omit<MessageFieldsFragment, 'attributes' | 'mentions'> & {
  readonly attributes: Attributes<'message'>
  /** The number of the channel as of which its replies are counted; its revision where it is left out. */
  readonly threadAt?: number
  /** Left out where an earlier version of the client has kept it. */
  readonly mentions?: MessageFieldsFragment['mentions']
  /** Identities that it was to name, and that are no members: in the answer to its own send or edit. */
  readonly droppedMentions?: readonly string[]
} & Reacted &
  Streamed
export type Channel = Omit<ChannelFieldsFragment, 'attributes'> & { readonly attributes: Attributes<'channel'> }
export type Member = MemberFieldsFragment
export type User = UserFieldsFragment
/** The user's own membership: what it has read, its preferences and what it may do in the channel. */
export type Membership = ViewerMemberFieldsFragment
/** An invitation of the user to a channel. */
export interface Invite {
  readonly id: string
  readonly channel: Channel
}

/** Whether the client is connected, and if not, why. */
export type ConnectionState =
  | { readonly status: 'connecting' }
  /** Connected; `remaining` messages are known to be missing still. */
  | { readonly status: 'catchingUp'; readonly remaining: number }
  | { readonly status: 'live' }
  /** Not connected since that time; tries again by itself. Times are milliseconds since the epoch. */
  | { readonly status: 'offline'; readonly since: number; readonly retryAt: number | null }
  /** The server refuses this client, and it does not try again: the token, the user, or a fault of the client. */
  | { readonly status: 'refused'; readonly reason: RefusalReason; readonly message: string }
  | { readonly status: 'closed' }

export type RefusalReason = 'token' | 'user' | 'protocol'

/** Who is signed in, as the server said when it accepted the connection. */
export interface Session {
  readonly userId: string
  readonly serviceId: string
  readonly identity: string
}

/** Messages from one index to another, both included, are known: what is missing between them does not exist or was deleted. */
export type Interval = readonly [from: number, to: number]

export interface Typist {
  readonly identity: string
  /** Milliseconds since the epoch. */
  readonly until: number
  /** SID of the message that is being replied to; left out of typing in the channel itself. */
  readonly parentId?: string | undefined
}

/** How far a member has read and received, as indexes; null before the first message. */
export interface Receipt {
  readonly readIndex: number | null
  readonly deliveredIndex: number | null
}

/** A count of unread messages as the server gave it. */
export interface Counted {
  /** Null where the service does not count. */
  readonly count: number | null
  /** Index of the newest message when it was counted: newer ones are not in it. */
  readonly head: number
  /** Number of the user's event at which the membership was read: of two the higher stays. */
  readonly seq: number
  /** Something may have been removed before or after it was counted: it is to be read again. */
  readonly isStale: boolean
}

/** Something that a module keeps, in all tabs and on the device; null is nothing. Of two values under a name the one with the higher `at` stays. */
export interface ModuleValue {
  readonly at: number
  readonly value: unknown
}

/** A channel of the user. */
export interface ChannelState {
  readonly channel: Channel
  /** Its `unreadCount` is the one that was read; `unreadCount` below is the one of now. */
  readonly membership: Membership
  /**
   * Sorted by index: those that the channel shows, of which deleted ones with replies have `deletedAt` and no text. Only those that were read or
   * arrived.
   */
  readonly messages: readonly Message[]
  /** Sorted and apart from each other. */
  readonly intervals: readonly Interval[]
  /** Index of the newest message that is known to exist, perhaps deleted since; -1 when there is none. */
  readonly head: number
  /** Index of the user's own newest message, perhaps deleted since; -1 when none is known. */
  readonly ownHead: number
  /** Indexes of deleted messages: an older reading does not bring them back. The newest 1,000 deletions. */
  readonly removed: ReadonlySet<number>
  /** When something was last said, or the user joined: what the list is ordered by. Milliseconds since the epoch. */
  readonly activityAt: number
  /** Up to where the stream of events has delivered: the cursor to go on from. Null before the stream began here. */
  readonly position: string | null
  /** By identity. Perhaps not all: see `membersCount` of the channel. */
  readonly members: ReadonlyMap<string, Member>
  /** Cursor of the last event that said how many members there are: a reading that was asked for before it is older. Null where none has. */
  readonly membersAt: string | null
  /** Who has left, and the revision of the leaving: an older reading does not bring it back. The newest 1,000. */
  readonly left: ReadonlyMap<string, number>
  /** By identity. */
  readonly receipts: ReadonlyMap<string, Receipt>
  /** Who types in the channel itself. */
  readonly typing: readonly Typist[]
  /** Who types a reply. */
  readonly threadTyping: readonly Typist[]
  /** Messages of others that the user has not read. Null where the service does not count them. */
  readonly unreadCount: number | null
  readonly counted: Counted
  /** What waits in the outbox for this channel, oldest first. */
  readonly pending: readonly OutboxItem[]
}

/** What the user has done and the server has not yet acknowledged. */
export interface OutboxItem {
  /** Key of the item; the order of the keys is the order of sending. */
  readonly id: number
  readonly channelId: string
  readonly createdAt: number
  readonly action: OutboxAction
  /** Whether the server may have it already, though no answer came: it is asked again, and an edit of it waits for the answer. */
  readonly isTried: boolean
  /** `failed` items are not tried again by themselves. */
  readonly status: 'pending' | 'sending' | 'failed'
  /** Why it failed. */
  readonly error: { readonly code: string; readonly message: string } | null
}

/** Whom a message names: users by identity, at most 50, or all members of its channel. */
export interface Mentions {
  readonly identities?: readonly string[]
  readonly channel?: boolean
}

/** `messageId` of a message that waits in the outbox itself is its `clientMessageId`. */
export type OutboxAction =
  | {
      readonly kind: 'send'
      readonly clientMessageId: string
      readonly body: string
      readonly attributes?: unknown
      /** SID of the message to which it is a reply. */
      readonly parentId?: string | undefined
      /** Whether the channel shows the reply among its messages. */
      readonly showInChannel?: boolean | undefined
      /** SID of a message of the channel that it quotes. */
      readonly quotedMessageId?: string | undefined
      /** It counts for no unread and no notification. */
      readonly silent?: boolean | undefined
      readonly mentions?: Mentions | undefined
    }
  | {
      readonly kind: 'edit'
      readonly messageId: string
      readonly body?: string
      readonly attributes?: unknown
      readonly mentions?: Mentions | undefined
      /** The version that the user has seen: the edit fails where the message has another one. */
      readonly expectedVersion?: number
    }
  /** Pins or unpins, by the mutation of this text, which takes the id of the message and answers with the message. */
  | { readonly kind: 'pin'; readonly messageId: string; readonly isPinned: boolean; readonly document: string }
  | { readonly kind: 'delete'; readonly messageId: string }
  | { readonly kind: 'react'; readonly messageId: string; readonly reaction: string; readonly isAdded: boolean }

export interface State {
  readonly connection: ConnectionState
  readonly session: Session | null
  /** Milliseconds by which the server’s clock is ahead of this device’s; 0 before the server has said what time it is. */
  readonly clockAhead: number
  readonly channels: ReadonlyMap<string, ChannelState>
  /** By id. */
  readonly invites: ReadonlyMap<string, Invite>
  /** Ids of memberships, channels and invites that ended: an older reading does not bring them back. The newest 1,000. */
  readonly gone: ReadonlySet<string>
  /** Whether all channels of the user have been read. */
  readonly listStatus: 'empty' | 'partial' | 'complete'
  /** Where the next page of the list begins; null before the first one and after the last. */
  readonly listCursor: string | null
  /** What waits in the outbox for all channels, in the order of sending; each channel has its own in `pending`. */
  readonly outbox: readonly OutboxItem[]
  /** Whether the device keeps this, and what waits in the outbox. Otherwise both are in memory alone, and are lost with the tab. */
  readonly isKept: boolean
  /** Cursor of the user's own events. */
  readonly viewerCursor: string | null
  /** What modules keep, by names of theirs. */
  readonly modules: Readonly<Record<string, ModuleValue>>
}

export const emptyState: State = {
  connection: { status: 'connecting' },
  session: null,
  clockAhead: 0,
  channels: new Map(),
  invites: new Map(),
  gone: new Set(),
  listStatus: 'empty',
  listCursor: null,
  outbox: [],
  isKept: true,
  viewerCursor: null,
  modules: {},
}
