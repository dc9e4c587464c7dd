/** What the client uses of the platform that it runs on. Nothing else of the client names a global. */
export interface Env {
  readonly clock: Clock
  /** From 0 to 1, without 1. */
  random(): number
  /** A new id that nobody else has. */
  createId(): string
  readonly page: Page
  /** Opens a WebSocket with the subprotocol `graphql-transport-ws`. Throws when there is none, or when the address is none. */
  openSocket(url: string): Socket
  /** Undefined where there are no locks between tabs: then each tab is alone. */
  readonly locks: LockManager | undefined
  /** Undefined where tabs cannot talk to each other. */
  openBroadcast: ((name: string) => BroadcastChannel) | undefined
  /** Undefined where nothing can be kept: then the copy and the outbox are in memory. */
  readonly databases: IDBFactory | undefined
  /** Keeps texts of this tab over a reload, such as `sessionStorage`. Undefined where nothing does. */
  readonly tabStorage: Pick<Storage, 'getItem' | 'setItem'> | undefined
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once, after this many milliseconds. The result takes it back. */
  after(milliseconds: number, callback: () => void): () => void
}

export type PageEvent = 'online' | 'offline' | 'visible' | 'hidden' | 'freeze' | 'resume' | 'pagehide' | 'pageshow'

export interface Page {
  isOnline(): boolean
  isVisible(): boolean
  /** Returns the function that takes the listener away again. */
  on(event: PageEvent, listener: () => void): () => void
}

/** The part of a WebSocket that the client uses. */
export interface Socket {
  send(text: string): void
  close(code?: number, reason?: string): void
  onopen: (() => void) | null
  onerror: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
}
