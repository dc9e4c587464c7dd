import { dayNumber } from '../../lib/format.ts'
import type { ShownMessage } from '../model.ts'

/** A row of the list: a message with what stands above it. */
export interface Row {
  readonly message: ShownMessage
  /** Whether a line with the day stands above it. */
  readonly startsDay: boolean
  /** Whether the line of the first unread message stands above it. */
  readonly startsUnread: boolean
  /** Whether it shows its author: another author than before, or five minutes later. */
  readonly startsGroup: boolean
}

const groupMs = 5 * 60_000

/** Groups messages by author and day. `firstUnread` is the index of the first unread message; own messages never start the unread. */
export function toRows(messages: readonly ShownMessage[], firstUnread: number | null): readonly Row[] {
  let before: ShownMessage | undefined
  let isUnreadDrawn = false
  return messages.map((message) => {
    const at = new Date(message.createdAt)
    const beforeAt = before && new Date(before.createdAt)
    const startsDay = beforeAt === undefined || dayNumber(at) !== dayNumber(beforeAt)
    const isUnread = firstUnread !== null && message.index !== null && message.index >= firstUnread
    const startsUnread = isUnread && !isUnreadDrawn && !message.isMine
    isUnreadDrawn ||= startsUnread
    const startsGroup =
      startsDay ||
      startsUnread ||
      before?.author.identity !== message.author.identity ||
      at.getTime() - (beforeAt?.getTime() ?? 0) > groupMs
    before = message
    return { message, startsDay, startsUnread, startsGroup }
  })
}
