import type { ChatError } from '../errors.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'

/** What is to be sent, in the order in which it was written. At most 1,000 items, none older than 24 hours. */
export interface OutboxQueue {
  /** Keeps the item and resolves with it; rejects with OUTBOX_FULL. */
  add(channelId: string, action: OutboxAction): Promise<OutboxItem>
  items(): Promise<readonly OutboxItem[]>
  update(item: OutboxItem): Promise<void>
  remove(id: number): Promise<void>
  clear(): Promise<void>
}

/** What became of an item: the payload of its mutation, or why it failed for good or was taken back. */
export type Outcome = { readonly payload: unknown } | { readonly error: ChatError }
