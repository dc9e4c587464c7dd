import type { Piece } from './piece.ts'
import type { Message } from './state.ts'

const isBeingWritten = ({ streamState }: Message): boolean => streamState === 'STREAMING'

/** A message after a piece of its text; the same when its text has ended. */
export function appendPiece(message: Message, { offset, text }: Piece): Message {
  if (!isBeingWritten(message)) return message
  const { ahead, ...read } = message
  const { body } = read
  if (offset <= body.length) {
    const whole = body.slice(0, offset) + text
    return whole === body && !ahead ? message : { ...read, body: whole }
  }
  const start =
    ahead && offset >= ahead.offset && offset <= ahead.offset + ahead.text.length ? ahead : { offset, text: '' }
  return { ...read, ahead: { offset: start.offset, text: start.text.slice(0, offset - start.offset) + text } }
}

/** `merged`, of two readings of a message: while its text is written no reading makes it shorter, whatever else that has. */
export function withText(merged: Message, known: Message, news: Message): Message {
  if (!isBeingWritten(known) || !isBeingWritten(news)) return merged
  const longer = news.body.length > known.body.length ? news.body : known.body
  const { ahead } = known
  const isJoined = ahead !== undefined && ahead.offset <= longer.length
  const body = isJoined ? longer.slice(0, ahead.offset) + ahead.text : longer
  if (body === merged.body && !isJoined && ahead === merged.ahead) return merged
  const { ahead: _, ...read } = merged
  return { ...read, body, ...(ahead && !isJoined && { ahead }) }
}
