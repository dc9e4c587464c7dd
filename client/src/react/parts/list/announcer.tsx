'use client'
import { useEffect, useState, type ReactElement } from 'react'
import type { MessageRow } from '../../../store/rows.ts'
import { useConnection } from '../../use-connection.ts'
import { renderPart, type Part } from '../part.ts'
import { unseen } from '../unseen.ts'
import { useList } from './context.ts'
import { authorOf } from './row.tsx'

/** More at once are counted, not read aloud. */
const maxSaid = 3

interface Said {
  readonly upTo: number | null
  /** Keys of texts that are being written. */
  readonly awaited: ReadonlySet<string>
  readonly count: number
  readonly text: string
}

const nothing: Said = { upTo: null, awaited: new Set(), count: 0, text: '' }

const isBeingWritten = ({ message }: MessageRow): boolean => message?.streamState === 'STREAMING'

/** Says to screen readers what others send while it is shown; never what is loaded, nor what was missed. A text that is being written is said once, when it has ended. Out of sight. */
export function Announcer(given: Part<object>): ReactElement {
  const { rows, hasNewer } = useList()
  const isLive = useConnection().status === 'live'
  const newest = rows.findLast(({ index }) => index !== null)?.index ?? -1
  const [said, setSaid] = useState(nothing)
  useEffect(() => {
    if (hasNewer || newest < 0) return
    setSaid((before) => {
      const { upTo, awaited, count } = before
      const news = rows.filter(
        ({ index, isMine, key }) => awaited.has(key) || (upTo !== null && index !== null && index > upTo && !isMine),
      )
      if (upTo === newest && news.every(isBeingWritten)) return before
      const written = news.filter(isBeingWritten)
      const next = { upTo: newest, awaited: new Set(written.map(({ key }) => key)), count: count + 1 }
      // Of a text that is being written nothing is said before it has ended.
      const due = news.filter((row) => !isBeingWritten(row) && (row.body !== '' || !awaited.has(row.key)))
      if (!isLive || upTo === null || due.length === 0) return { ...next, text: '' }
      const words = due.map((row) => `${authorOf(row)}: ${row.body}`)
      return { ...next, text: due.length > maxSaid ? `${due.length} new messages` : words.join('\n') }
    })
  }, [rows, newest, hasNewer, isLive])
  // Another element each time: the same words twice are said twice.
  const line = <span key={said.count}>{said.text}</span>
  return renderPart('div', { role: 'status', style: unseen, children: line }, {}, given)
}
