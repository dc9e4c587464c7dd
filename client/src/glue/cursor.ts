/** The end of what a list may cover: no message has this index, and JSON keeps it. */
export const endIndex = Number.MAX_SAFE_INTEGER

export interface Position {
  readonly index: number
  readonly seq: number
}

/** A cursor of messages is `channel.index.seq.history`, with numbers in base 36. */
export function parseCursor(cursor: string): Position {
  const [, index = '', seq = ''] = cursor.split('.')
  return { index: Number.parseInt(index, 36), seq: Number.parseInt(seq, 36) }
}

/** Whether a position has something that another has not. */
export function isBeyond(position: Position, other: Position): boolean {
  return position.index > other.index || position.seq > other.seq
}
