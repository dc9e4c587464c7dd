/** How far a channel has been seen: up to which message, and up to which change of any kind. */
interface Position {
  readonly index: number
  readonly seq: number
}

/** A cursor of a channel has the form `channel.index.seq.history`, with numbers in base 36; its index is -1 before the first message. */
function positionOf(cursor: string): Position {
  const [, index, seq] = cursor.split('.')
  return { index: Number.parseInt(index!, 36), seq: Number.parseInt(seq!, 36) }
}

export const indexOfCursor = (cursor: string): number => positionOf(cursor).index

/** Whether a cursor is beyond another: after an interruption messages come first, by index, and the other changes after them, by seq. */
export function isBeyond(cursor: string, other: string): boolean {
  const [one, two] = [positionOf(cursor), positionOf(other)]
  return one.index > two.index || one.seq > two.seq
}

/** The number of the user's event in a cursor of the user, `user.seq.history`; 0 at the very start. */
export function viewerSeqOf(cursor: string | null): number {
  return cursor === null ? 0 : Number.parseInt(cursor.split('.')[1]!, 36)
}

/** Whether two cursors of the user are of one history of the server's database: in another, numbers stand for other events. */
export const isOfOneHistory = (one: string, other: string): boolean => one.split('.')[2] === other.split('.')[2]
