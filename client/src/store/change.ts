import type {
  Channel,
  ConnectionState,
  Interval,
  Member,
  Membership,
  Message,
  OutboxItem,
  Receipt,
  Session,
} from './state.ts'

/**
 * Everything that can happen to the state, wherever it came from: an event, a page, the local copy, the outbox, another tab. Applying a change
 * twice, or an older one after a newer one, changes nothing. Plain data: it passes between tabs and into the database.
 */
export type Change =
  | { readonly kind: 'connection'; readonly connection: ConnectionState }
  | { readonly kind: 'session'; readonly session: Session | null }
  | { readonly kind: 'channel'; readonly channel: Channel }
  /** The user left the channel, or it was deleted. */
  | { readonly kind: 'channelGone'; readonly channelId: string }
  /** `head` is the index of the channel's newest message when the membership, with its count, was read; null where it was not read. */
  | { readonly kind: 'membership'; readonly membership: Membership; readonly head: number | null }
  /** Messages, and the interval of which they are all that there is; null when they came alone. */
  | {
      readonly kind: 'messages'
      readonly channelId: string
      readonly messages: readonly Message[]
      readonly covered: Interval | null
    }
  | { readonly kind: 'messageRemoved'; readonly channelId: string; readonly index: number; readonly revision: number }
  | { readonly kind: 'truncated'; readonly channelId: string; readonly firstIndex: number }
  | {
      readonly kind: 'members'
      readonly channelId: string
      readonly members: readonly Member[]
      readonly totalCount: number | null
    }
  | { readonly kind: 'memberLeft'; readonly channelId: string; readonly identity: string; readonly revision: number }
  | {
      readonly kind: 'receipts'
      readonly channelId: string
      readonly receipts: readonly (Receipt & { readonly identity: string })[]
    }
  /** `until` is null when the typing ended. */
  | { readonly kind: 'typing'; readonly channelId: string; readonly identity: string; readonly until: number | null }
  /** The stream of events begins here: what comes after this cursor arrives. */
  | { readonly kind: 'started'; readonly channelId: string; readonly cursor: string }
  /** The stream has delivered everything up to this cursor. */
  | { readonly kind: 'position'; readonly channelId: string; readonly cursor: string }
  /** The server lost data of this channel: nothing that is known of its messages counts any more. */
  | { readonly kind: 'reset'; readonly channelId: string }
  | { readonly kind: 'viewerCursor'; readonly cursor: string | null }
  | { readonly kind: 'list'; readonly isComplete: boolean }
  /** All that waits in the outbox. */
  | { readonly kind: 'outbox'; readonly items: readonly OutboxItem[] }
  /** What a module keeps. */
  | { readonly kind: 'module'; readonly name: string; readonly value: unknown }
