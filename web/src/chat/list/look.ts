import type { MessageRow } from '@fonechat/client'
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
  /** Adds a reaction of the user, or takes it away. */
  readonly onReact: ReactionsProps['onReact']
  /** Who has reacted. */
  readonly namesOf: ReactionsProps['namesOf']
  /** What can be done with a message. */
  readonly actionsOf: (row: MessageRow) => ReactNode
  /** Who has pinned a message, by name; null while it is not pinned. */
  readonly pinnedByOf: (row: MessageRow) => string | null
  /** Shows what an edited message was; null where the user may not see it. */
  readonly onHistoryOf: (row: MessageRow) => (() => void) | null
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
