import type { ChatError } from '../errors.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'

/**
 * What is to be sent, in the order in which it was written. Any tab adds; the one that leads changes and removes. Everything rejects with a
 * ChatError: UNAVAILABLE when the device fails, CLOSED after its end.
 */
export interface OutboxQueue {
  /**
   * Resolves with the item once it is on the disk, as far as the browser promises; rejects with OUTBOX_FULL when there are 1,000. `isTried` when it
   * is about to be sent, so that this need not be written again.
   */
  add(channelId: string, action: OutboxAction, isTried?: boolean): Promise<OutboxItem>
  /** All items, those of other tabs too, in the order of sending. */
  items(): Promise<readonly OutboxItem[]>
  /** Does nothing when the item is gone. Resolves once it survives the end of the browser, like `remove` and `clear`. */
  update(item: OutboxItem): Promise<void>
  remove(id: number): Promise<void>
  clear(): Promise<void>
}

/** What became of an item: the payload of its mutation, or why it failed for good or was taken back. */
export type Outcome = { readonly payload: unknown } | { readonly error: ChatError }
