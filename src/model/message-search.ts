import type { ChannelId } from './sid.ts'

/** Where a message stands among all messages of a service: newest first, then by channel and index, both descending. */
export interface SearchKey {
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly channelId: ChannelId
  readonly index: number
}

/** Negative when the one comes before the other. */
export function compareKeys(one: SearchKey, other: SearchKey): number {
  if (one.createdAt !== other.createdAt) return other.createdAt - one.createdAt
  if (one.channelId !== other.channelId) return one.channelId < other.channelId ? 1 : -1
  return other.index - one.index
}

/** What a message can be asked to have: reactions, or replies. */
export type SearchedAddition = 'reactions' | 'thread'

export interface SearchHit extends SearchKey {
  /** How well it matches, for RELEVANCE; 0 where nobody asked. */
  readonly rank: number
}
