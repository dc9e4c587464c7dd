/** How far a channel has been seen: up to which message, and up to which change of any kind. */
export interface Position {
  readonly index: number
  readonly seq: number
}

/** A position in a history of the database. After a restore from a backup there is another, in which the same numbers are given again. */
export interface Cursor extends Position {
  readonly history: string
}

/** A cursor of messages is `channel.index.seq.history`, with numbers in base 36; its index is -1 before the first message. */
export function parseCursor(cursor: string): Cursor {
  const [, index = '', seq = '', history = ''] = cursor.split('.')
  return { index: Number.parseInt(index, 36), seq: Number.parseInt(seq, 36), history }
}

/** The cursor of another index of the same channel, for a page: those go by nothing else. */
export function cursorAt(cursor: string, index: number): string {
  const [channel, , seq, history] = cursor.split('.')
  return [channel, index.toString(36), seq, history].join('.')
}

/** Whether a position has something that another has not: after an interruption messages come first, by index, and the other changes after them, by seq. */
export function isBeyond(position: Position, other: Position): boolean {
  return position.index > other.index || position.seq > other.seq
}
