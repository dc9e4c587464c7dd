/** Of the field that the payload of every write in a channel has. */
export const writeCursorDescription =
  'The position of this write in its channel. A cursor has the form `channel.index.seq.history`, with numbers in base 36; it has reached ' +
  'another of the same channel when its index and its seq are at least as large. A stream has delivered the write once its own cursor has ' +
  'reached this one, or delivers instead what has replaced it since. A write of a message is also delivered once that very message is, with a ' +
  '`cursor` whose seq is at least as large: while a stream catches up, messages come before all other changes, and its own cursor stays ' +
  'behind them.'
