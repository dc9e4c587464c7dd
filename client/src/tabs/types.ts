import type { Owner } from '../copy/schema.ts'
import type { Copy } from '../copy/types.ts'
import type { Env } from '../env/types.ts'
import type { ChatError } from '../errors.ts'
import type { Document, RequestOptions } from '../graphql/document.ts'
import type { Log } from '../log.ts'
import type { OutboxQueue } from '../outbox/types.ts'
import type { Unwritten } from '../outbox/unwritten.ts'
import type { Change } from '../store/change.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'
import type { Store } from '../store/store.ts'
import type { Engine, EngineOptions } from '../sync/engine.ts'

/** What a tab needs done: by itself when it is alone or leads, by the tab that leads otherwise. */
export interface Host {
  /** Of all tabs of a user exactly one leads, or none for a moment: what is to happen once on a device happens there. */
  readonly isLeader: boolean
  /** Whether a visible tab shows this channel: known of all tabs in the one that leads, elsewhere of this one. */
  isSeen(channelId: string): boolean
  /** Rejects with a ChatError: OFFLINE when there is no answer within 15 seconds. */
  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>
  /**
   * Follows a subscription until it is stopped, across connections: it begins anew at each. Results while disconnected are missed. `onError` hears why
   * nothing comes: what the server refuses for good, at each connection; RATE_LIMITED each minute while the tab that leads follows 100 for others.
   */
  subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    next: (result: Result) => void,
    onError?: (error: ChatError) => void,
  ): () => void
  /** Puts what was read into the state of all tabs and into the copy. */
  apply(changes: readonly Change[]): void
  /**
   * Puts the messages of a channel that are kept from one index to another, both included, into the state of this tab; of more than 1,000 indexes the
   * newer end. Does not ask the server, and never rejects: who finds the indexes not covered afterwards asks for them.
   */
  readKept(channelId: string, from: number, to: number): Promise<void>
  /** Keeps what is to be sent, and resolves with its item. */
  enqueue(channelId: string, action: OutboxAction): Promise<OutboxItem>
  /** Tries a failed item again. */
  retry(id: number): Promise<void>
  /** Takes an item back that has not been sent. */
  discard(id: number): Promise<void>
  /** What became of an item: resolves with the payload of its mutation, rejects when it failed for good or was taken back. */
  outcome(id: number): Promise<unknown>
  /** Connects all tabs again after `disconnect`. */
  connect(): void
  /** Ends the connection of all tabs. */
  disconnect(): void
  /** Ends the session of all tabs, and removes what is kept of it. */
  signOut(): Promise<void>
  close(): Promise<void>
}

/** What is kept on the device, or in memory. */
export interface Kept {
  readonly copy: Copy
  readonly queue: OutboxQueue
}

/** What the tab that leads runs, and one that is alone. */
export type Connected = Pick<
  Engine,
  | 'start'
  | 'stop'
  | 'connect'
  | 'disconnect'
  | 'request'
  | 'subscribe'
  | 'apply'
  | 'enqueue'
  | 'retry'
  | 'discard'
  | 'refreshOutbox'
>

export type ConnectedOptions = Kept & Pick<EngineOptions, 'onChanges' | 'onOutcome' | 'onReplaced' | 'onNotKept'>

/** With what tabs share. */
export interface Means {
  readonly locks: LockManager
  readonly openBroadcast: (name: string) => BroadcastChannel
}

export interface AloneOptions {
  readonly env: Env
  readonly store: Store
  readonly log: Log
  readonly createEngine: (options: ConnectedOptions) => Connected
}

/** What the tabs of a user share. */
export interface SharedOptions extends AloneOptions, Owner {
  /** Whether the copies of other users stay on the device. */
  readonly keepsOthers: boolean
}

/** What is loaded later goes on with what was noted before. */
export interface LoadedOptions extends SharedOptions {
  readonly unwritten: Unwritten
}

export interface HostOptions extends AloneOptions {
  readonly unwritten: Unwritten
  /** Of the database, the lock and the channel of this user’s tabs. */
  readonly name: string
  /** What the tabs of this user share. */
  readonly openKept: () => Kept
  /** In memory, with a device of its own. `items` wait in the outbox. */
  readonly openMemory: (items: readonly OutboxItem[]) => Kept
}
