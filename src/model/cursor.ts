import { badInput } from './error.ts'

/** A place in a channel's history: the last message (`index`) and the last change of any kind (`seq`) already seen. */
export interface Position {
  readonly index: number
  readonly seq: number
}

/** The position before everything. */
export const origin: Position = { index: -1, seq: 0 }

/**
 * A cursor is `<channel>.<index>.<seq>` in base 36, where `<channel>` is the tail of the channel's SID: random digits, so
 * that a cursor taken to the wrong channel is refused instead of skipping that channel's messages.
 */
const cursorPattern = /^([0-9a-f]{8})\.(-?[0-9a-z]{1,11})\.([0-9a-z]{1,11})$/

export function toCursor(channelId: string, position: Position): string {
  return `${channelId.slice(-8)}.${position.index.toString(36)}.${position.seq.toString(36)}`
}

export function parseCursor(channelId: string, cursor: string): Position {
  const [, channel, index, seq] = cursorPattern.exec(cursor) ?? []
  if (channel === undefined || index === undefined || seq === undefined) throw badInput('the cursor is malformed')
  if (channel !== channelId.slice(-8)) throw badInput('the cursor belongs to another channel')
  const position = { index: Number.parseInt(index, 36), seq: Number.parseInt(seq, 36) }
  if (!Number.isSafeInteger(position.index) || !Number.isSafeInteger(position.seq) || position.index < -1) {
    throw badInput('the cursor is malformed')
  }
  return position
}
