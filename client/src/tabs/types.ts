import type { Document } from '../graphql/document.ts'
import type { Change } from '../store/change.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'

export interface RequestOptions {
  /** Gives the operation up. */
  readonly signal?: AbortSignal | undefined
}

/** What a tab needs done: by itself when it is alone or leads, by the tab that leads otherwise. */
export interface Host {
  /** Rejects with a ChatError: OFFLINE when there is no answer within 15 seconds. */
  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>
  /** Puts what was read into the state of all tabs and into the copy. */
  apply(changes: readonly Change[]): void
  /** Keeps what is to be sent, and resolves with its item. */
  enqueue(channelId: string, action: OutboxAction): Promise<OutboxItem>
  /** Tries a failed item again. */
  retry(id: number): Promise<void>
  /** Takes an item back that has not been sent. */
  discard(id: number): Promise<void>
  /** What became of an item: resolves with the payload of its mutation, rejects when it failed for good or was taken back. */
  outcome(id: number): Promise<unknown>
  connect(): void
  disconnect(): void
  /** Ends the session of all tabs, and removes what is kept of it. */
  signOut(): Promise<void>
  close(): Promise<void>
}
