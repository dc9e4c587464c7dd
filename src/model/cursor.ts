import { badInput } from './error.ts'
import type { ChannelId, UserId } from './sid.ts'

/** How far a channel has been seen: up to which message (`index`) and up to which change of any kind (`seq`). */
export interface Position {
  readonly index: number
  readonly seq: number
}

/** The position before everything. */
export const origin: Position = { index: -1, seq: 0 }

/** Whether a position holds anything that another does not. */
export function isBeyond(position: Position, other: Position): boolean {
  return position.index > other.index || position.seq > other.seq
}

/** What both positions hold. */
export function earlierOf(one: Position, other: Position): Position {
  return { index: Math.min(one.index, other.index), seq: Math.min(one.seq, other.seq) }
}

/** What either position holds. */
export function laterOf(one: Position, other: Position): Position {
  return { index: Math.max(one.index, other.index), seq: Math.max(one.seq, other.seq) }
}

/** A position as a client brings it back. */
export interface Cursor extends Position {
  /** The history of the database in which it was seen, by its beginning; cursors of older versions do not say. */
  readonly history: number | undefined
}

/**
 * A cursor is `<channel>.<index>.<seq>.<history>` in base 36, where `<channel>` is the tail of the channel's SID: random digits, so
 * that a cursor taken to the wrong channel is refused instead of skipping that channel's messages. A history is a time in
 * milliseconds: eight digits from 1972 to 2059.
 */
const cursorPattern = /^([0-9a-f]{8})\.(-?[0-9a-z]{1,11})\.([0-9a-z]{1,11})(?:\.([0-9a-z]{8}))?$/

export function toCursor(channelId: ChannelId, position: Position, history: number): string {
  const numbers = [position.index, position.seq, history].map((number) => number.toString(36))
  return `${channelId.slice(-8)}.${numbers.join('.')}`
}

export function parseCursor(channelId: ChannelId, cursor: string, field: string): Cursor {
  const [, channel, index, seq, history] = cursorPattern.exec(cursor) ?? []
  if (channel === undefined || index === undefined || seq === undefined)
    throw badInput('the cursor is malformed', field)
  if (channel !== channelId.slice(-8)) throw badInput('the cursor belongs to another channel', field)
  const position = {
    index: Number.parseInt(index, 36),
    seq: Number.parseInt(seq, 36),
    history: history === undefined ? undefined : Number.parseInt(history, 36),
  }
  if (!Number.isSafeInteger(position.index) || !Number.isSafeInteger(position.seq) || position.index < -1) {
    throw badInput('the cursor is malformed', field)
  }
  return position
}

/** How far a stream of a user's own events has come, and in which history of the database. */
export interface UserCursor {
  readonly seq: number
  readonly history: number
}

/** `<user>.<seq>.<history>`, in the same way. */
const userCursorPattern = /^([0-9a-f]{8})\.([0-9a-z]{1,11})\.([0-9a-z]{8})$/

export function toUserCursor(userId: UserId, { seq, history }: UserCursor): string {
  return `${userId.slice(-8)}.${seq.toString(36)}.${history.toString(36)}`
}

export function parseUserCursor(userId: UserId, cursor: string, field: string): UserCursor {
  const [, user, seq, history] = userCursorPattern.exec(cursor) ?? []
  if (user === undefined || seq === undefined || history === undefined) throw badInput('the cursor is malformed', field)
  if (user !== userId.slice(-8)) throw badInput('the cursor belongs to another user', field)
  const parsed = { seq: Number.parseInt(seq, 36), history: Number.parseInt(history, 36) }
  if (!Number.isSafeInteger(parsed.seq)) throw badInput('the cursor is malformed', field)
  return parsed
}
