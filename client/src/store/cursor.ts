import { isBeyond as isPositionBeyond, parseCursor } from '../cursor.ts'

export const indexOfCursor = (cursor: string): number => parseCursor(cursor).index

/** Whether a cursor is beyond another. */
export const isBeyond = (cursor: string, other: string): boolean =>
  isPositionBeyond(parseCursor(cursor), parseCursor(other))

/** The number of the user's event in a cursor of the user, `user.seq.history`; 0 at the very start. */
export function viewerSeqOf(cursor: string | null): number {
  return cursor === null ? 0 : Number.parseInt(cursor.split('.')[1]!, 36)
}

/** Whether two cursors of the user are of one history of the server's database: in another, numbers stand for other events. */
export const isOfOneHistory = (one: string, other: string): boolean => one.split('.')[2] === other.split('.')[2]
