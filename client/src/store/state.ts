import type {
  ChannelFieldsFragment,
  MemberFieldsFragment,
  MessageFieldsFragment,
  UserFieldsFragment,
  ViewerMemberFieldsFragment,
} from '../graphql/generated/types.ts'

export type Message = MessageFieldsFragment
export type Channel = ChannelFieldsFragment
export type Member = MemberFieldsFragment
export type User = UserFieldsFragment
/** The user's own membership: what it has read, its preferences and what it may do in the channel. */
export type Membership = ViewerMemberFieldsFragment

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
}

/** How far a member has read and received, as indexes; null before the first message. */
export interface Receipt {
  readonly readIndex: number | null
  readonly deliveredIndex: number | null
}

export interface ChannelState {
  readonly channel: Channel
  /** Null while the user is no member. */
  readonly membership: Membership | null
  /** Sorted by index, without deleted ones. Only those that were read or arrived. */
  readonly messages: readonly Message[]
  /** Sorted and apart from each other. */
  readonly intervals: readonly Interval[]
  /** Index of the newest message that is known to exist; -1 when there is none. */
  readonly head: number
  /** Up to where the stream of events has delivered: the cursor to go on from. Null before the stream began here. */
  readonly position: string | null
  /** By identity. Perhaps not all: see `membersCount` of the channel. */
  readonly members: ReadonlyMap<string, Member>
  /** By identity. */
  readonly receipts: ReadonlyMap<string, Receipt>
  readonly typing: readonly Typist[]
  /** Messages of others that the user has not read. Null where the service does not count them. */
  readonly unreadCount: number | null
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
  /** `failed` items are not tried again by themselves. */
  readonly status: 'pending' | 'sending' | 'failed'
  /** Why it failed. */
  readonly error: { readonly code: string; readonly message: string } | null
}

export type OutboxAction =
  | { readonly kind: 'send'; readonly clientMessageId: string; readonly body: string; readonly attributes?: unknown }
  | { readonly kind: 'edit'; readonly messageId: string; readonly body?: string; readonly attributes?: unknown }
  | { readonly kind: 'delete'; readonly messageId: string }

export interface State {
  readonly connection: ConnectionState
  readonly session: Session | null
  readonly channels: ReadonlyMap<string, ChannelState>
  /** Whether all channels of the user have been read. */
  readonly listStatus: 'empty' | 'partial' | 'complete'
  /** Cursor of the user's own events. */
  readonly viewerCursor: string | null
  /** What modules keep, by the name of the module. */
  readonly modules: Readonly<Record<string, unknown>>
}

export const emptyState: State = {
  connection: { status: 'connecting' },
  session: null,
  channels: new Map(),
  listStatus: 'empty',
  viewerCursor: null,
  modules: {},
}
