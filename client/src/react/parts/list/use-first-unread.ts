'use client'
import { useState } from 'react'
import type { ChannelState } from '../../../store/state.ts'
import type { MessageWindow } from '../../../store/window.ts'

/** Key of the first message that was unread when the list was opened, once it is loaded and it is certain that none before it is. */
export function useFirstUnread(
  known: ChannelState | undefined,
  { rows, hasOlder }: MessageWindow,
  readIndex?: number | null,
): string | null {
  const [lastRead, setLastRead] = useState<number | null | undefined>(undefined)
  if (lastRead === undefined && readIndex !== undefined) setLastRead(readIndex)
  else if (lastRead === undefined && known) {
    // Its own state, set in render as React advises: an effect would show the list without its line first.
    setLastRead((known.unreadCount ?? 0) > 0 ? (known.membership.lastReadIndex ?? -1) : null)
  }
  if (typeof lastRead !== 'number') return null
  const isCertain = !hasOlder || (rows[0]?.index ?? Infinity) <= lastRead + 1
  if (!isCertain) return null
  return rows.find(({ index, isMine }) => index !== null && index > lastRead && !isMine)?.key ?? null
}
