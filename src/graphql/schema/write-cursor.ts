/** Of the field that the payload of every write in a channel has. */
export const writeCursorDescription =
  'The position of this write in its channel. A stream includes the write once its own cursor, or that of a message in it, has reached this ' +
  'one. A cursor reads `channel.index.seq.history`; it has reached another of the same channel when its index and its seq, numbers in base 36, ' +
  'are at least as large.'
