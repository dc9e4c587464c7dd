/** The index in a cursor, which has the form `channel.index.seq.history` with numbers in base 36; -1 before the first message. */
export function indexOfCursor(cursor: string): number {
  return Number.parseInt(cursor.split('.')[1]!, 36)
}

export function seqOfCursor(cursor: string): number {
  return Number.parseInt(cursor.split('.')[2]!, 36)
}
