import type { Change } from '../store/change.ts'

/**
 * What the client keeps on the device, so that it shows something before it is connected and goes on where it was. It belongs to one user of one
 * service of one server.
 */
export interface Copy {
  /** The id of the device, made when the copy was. */
  readonly deviceId: string
  /** Changes that make an empty state what the copy holds. */
  load(): Promise<readonly Change[]>
  /** Keeps the changes, in the order of the calls. Resolves once they are kept, and rejects when they cannot be. */
  write(changes: readonly Change[]): Promise<void>
  /**
   * Takes the right to write, by a new term in the database, and resolves with it. From then on what a tab with an earlier term writes rejects
   * with a ChatError, CONFLICT. Resolves after all transactions before it, so that a `load` afterwards has all that was kept.
   */
  takeTerm(): Promise<number>
  /** Resolves once everything written before is kept. */
  settled(): Promise<void>
  /** Empties it and begins with another device id. */
  clear(): Promise<void>
  /**
   * Empties everything, the outbox too, and deletes it, whoever has the term: nobody writes any more. Does not wait for other tabs that have it
   * open, which find it empty.
   */
  remove(): Promise<void>
  close(): Promise<void>
}
