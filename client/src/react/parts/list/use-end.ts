'use client'
import { useEffect, useState } from 'react'
import type { MessageRow } from '../../../store/rows.ts'
import type { MessageWindow } from '../../../store/window.ts'

export interface End {
  readonly isAtEnd: boolean
  /** Messages of others that came since the end was left. */
  readonly missed: number
  readonly setAtEnd: (isAtEnd: boolean) => void
}

/** Whether one is at the end of a list, and what one has missed since. */
export function useEnd({ rows, hasNewer }: MessageWindow): End {
  const [isAtEnd, setAtEnd] = useState(true)
  const [leftAt, setLeftAt] = useState<number | null>(null)
  const newest = rows.findLast(({ index }) => index !== null)?.index ?? -1
  const isFollowing = isAtEnd && !hasNewer
  useEffect(() => {
    if (newest >= 0) setLeftAt((before) => (isFollowing || before === null ? newest : before))
  }, [isFollowing, newest])
  const isMissed = ({ index, isMine }: MessageRow): boolean => !isMine && index !== null && index > (leftAt ?? index)
  const missed = isFollowing ? 0 : rows.filter(isMissed).length
  return { isAtEnd: isFollowing, missed, setAtEnd }
}
