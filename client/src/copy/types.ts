import type { Change } from '../store/change.ts'

/**
 * What the client keeps on the device, so that it shows something before it is connected and goes on where it was. It belongs to one user of one
 * service of one server. Every tab may read it; one writes, for as long as its term lasts.
 *
 * Everything rejects with a ChatError: CLOSED after `close`, or when the user signed out in another tab; UNAVAILABLE when the device fails or does
 * not answer in time. Nothing here is tried again by itself: who uses it goes on in memory.
 */
export interface Copy {
  /** The id of the device, made when the copy was. Known once `takeTerm` has resolved; another one after `clear`. */
  readonly deviceId: string
  /**
   * Takes the right to write, by a new term in the database, and resolves with it. From then on what a tab with an earlier term writes rejects
   * with a ChatError, CONFLICT. Resolves after all transactions before it, so that a `load` afterwards has all that was kept.
   */
  takeTerm(): Promise<number>
  /** Changes that make an empty state what the copy holds: the channels, and the newest messages of those that were used last. */
  load(): Promise<readonly Change[]>
  /**
   * Changes with the messages that are kept from one index to another, both included, and the intervals that they cover; none where nothing is
   * kept. Of a longer stretch than 1,000 indexes the newer end.
   */
  readMessages(channelId: string, from: number, to: number): Promise<readonly Change[]>
  /**
   * Keeps the changes, which the store has applied already, in the order of the calls. Resolves once they survive the end of the browser; only
   * `settled` waits for the disk. Rejects with CONFLICT when another tab has the term.
   */
  write(changes: readonly Change[]): Promise<void>
  /** Resolves once everything written before is on the disk, as far as the browser promises. Rejects when any of it is not kept. */
  settled(): Promise<void>
  /** Empties it and begins with another device id. The term, and what waits in the outbox, stay. */
  clear(): Promise<void>
  /**
   * Empties everything, the outbox too, and deletes it, whoever has the term: nobody writes any more. Does not wait for other tabs that have it
   * open, which find it empty.
   */
  remove(): Promise<void>
  /** Resolves once what was written before is kept, or not. */
  close(): Promise<void>
}
