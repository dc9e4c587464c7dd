import type { Message, MessageRow } from '@fonechat/client'
import { createContext, useContext, type ReactNode } from 'react'
import { dayNumber } from '../../lib/format.ts'
import type { Note, Person } from '../model.ts'
import type { ReactionsProps } from './reactions.tsx'

/** What the messages of a list show beside what they say. */
export interface Look {
  readonly authorOf: (row: MessageRow) => Person
  /** States in words, by the key of the message. */
  readonly notes: ReadonlyMap<string, Note>
  /** Key of the message that the composer edits. */
  readonly editing: string | null
  /** Key of the message of which a menu or the picker is open; null where none is. */
  readonly held: string | null
  /** Adds a reaction of the user, or takes it away. */
  readonly onReact: ReactionsProps['onReact']
  /** Who has reacted. */
  readonly namesOf: ReactionsProps['namesOf']
  /** What can be done with a message. */
  readonly actionsOf: (row: MessageRow) => ReactNode
  /** Who has pinned a message, by name; null while it is not pinned. */
  readonly pinnedByOf: (row: MessageRow) => string | null
  /** What says that a message is saved, and when the user is reminded of it; null where it is not. */
  readonly savedAs: (row: MessageRow) => string | null
  /** Shows what an edited message was; null where the user may not see it. */
  readonly onHistoryOf: (row: MessageRow) => (() => void) | null
  /** Identity of the user. */
  readonly self: string
  /** What somebody is called. */
  readonly nameOf: (identity: string) => string
  /** Left out where threads are not shown. */
  readonly threads?: ThreadLook | undefined
}

/** What rows show of threads and quotes. */
export interface ThreadLook {
  /** What a row quotes: null when it is gone, undefined while it is not known. */
  readonly quotedOf: (row: MessageRow) => Message | null | undefined
  /** Calls back when that may have changed. */
  readonly subscribe: (listener: () => void) => () => void
  readonly personOf: (identity: string) => Person
  /** Goes to a message. */
  readonly onJump: (message: Message) => void
  /** Opens the thread of the message with an index; null where the list is one. */
  readonly onOpen: ((index: number) => void) | null
  /** How many replies to the message with an index are unread. */
  readonly unreadOf: (index: number) => number
}

export interface ListLook extends Look {
  /** Key of the message that shows what can be done with it. */
  readonly active: string | null
  /** Keys of long messages that are shown whole: they stay so when they are scrolled away and back. */
  readonly unfolded: Set<string>
}

export const LookContext = createContext<ListLook | null>(null)

export function useLook(): ListLook {
  const look = useContext(LookContext)
  if (!look) throw new Error('a message stands outside of a list')
  return look
}

const groupMs = 5 * 60_000

/** What stands above a message: a line with the day, and its author where the one before is of somebody else, or of five minutes earlier. */
export function groupOf(row: MessageRow, previous: MessageRow | null, isFirstUnread: boolean) {
  const at = new Date(row.createdAt)
  const startsDay = previous === null || dayNumber(at) !== dayNumber(new Date(previous.createdAt))
  const startsGroup =
    startsDay ||
    isFirstUnread ||
    previous.authorIdentity !== row.authorIdentity ||
    row.createdAt - previous.createdAt > groupMs
  return { startsDay, startsGroup }
}

/** Whether a message is deleted, and stays since it has replies or is quoted. Rows of elsewhere do not say. */
export const isDeleted = (message: Message | null): boolean => message?.deletedAt != null

/** Whether the text of a message is being written while it is read: it cannot be edited then. */
export const isWritten = ({ message }: MessageRow): boolean =>
  message?.streamState === 'STREAMING' && !isDeleted(message)

/** Index of the message to which a row is a reply, once the server has it. */
export const repliedTo = ({ message }: MessageRow): number | undefined => message?.parentIndex ?? undefined

/** Whether a row quotes a message. */
export const hasQuote = ({ message, item }: MessageRow): boolean =>
  message
    ? message.quote != null && !isDeleted(message)
    : item?.action.kind === 'send' && item.action.quotedMessageId !== undefined
