'use client'
import { useEffect, useState, type ReactElement } from 'react'
import { useConnection } from '../../use-connection.ts'
import { renderPart, type Part } from '../part.ts'
import { unseen } from '../unseen.ts'
import { useList } from './context.ts'
import { authorOf } from './row.tsx'

/** More at once are counted, not read aloud. */
const maxSaid = 3

/** Says to screen readers what others send while it is shown; never what is loaded, nor what was missed. Out of sight. */
export function Announcer(given: Part<object>): ReactElement {
  const { rows, hasNewer } = useList()
  const isLive = useConnection().status === 'live'
  const newest = rows.findLast(({ index }) => index !== null)?.index ?? -1
  const [said, setSaid] = useState<{ readonly upTo: number | null; readonly text: string }>({ upTo: null, text: '' })
  useEffect(() => {
    if (hasNewer || newest < 0) return
    setSaid(({ upTo }) => {
      const news = rows.filter(({ index, isMine }) => upTo !== null && index !== null && index > upTo && !isMine)
      if (!isLive || upTo === null || news.length === 0) return { upTo: newest, text: '' }
      const words = news.map((row) => `${authorOf(row)}: ${row.body}`)
      return { upTo: newest, text: news.length > maxSaid ? `${news.length} new messages` : words.join('\n') }
    })
  }, [rows, newest, hasNewer, isLive])
  // Another element each time: the same words twice are said twice.
  const line = <span key={said.upTo}>{said.text}</span>
  return renderPart('div', { role: 'status', style: unseen, children: line }, {}, given)
}
