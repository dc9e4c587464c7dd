import type { ConnectionState } from '@fonechat/client'
import { useConnection } from '@fonechat/client/react'
import { useEffect, useState } from 'react'
import { formatSince } from '../../lib/format.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import type { ShownState } from '../model.ts'

/** How a connection is, in words; while it is away, for how long. Each change is announced once, not each second. */
export function useShownState(name: string): ShownState {
  const connection = useConnection()
  const [now, setNow] = useState(Date.now)
  const isAway = connection.status === 'offline'
  useEffect(() => {
    if (!isAway) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isAway])
  const shown = toShownState(connection, now)
  const announce = useAnnounce()
  const { kind } = shown
  useEffect(() => {
    if (kind === 'live') announce(`${name} is live`)
    else if (kind === 'offline') announce(`${name} is offline`)
    else if (kind === 'refused') announce(`${name} is signed out`)
  }, [kind, name, announce])
  return shown
}

function toShownState(connection: ConnectionState, now: number): ShownState {
  switch (connection.status) {
    case 'connecting':
      return { kind: 'connecting', text: 'connecting' }
    case 'live':
      return { kind: 'live', text: 'live' }
    case 'catchingUp':
      return connection.remaining > 0
        ? { kind: 'catchingUp', text: `catching up · ${connection.remaining}` }
        : { kind: 'connecting', text: 'catching up' }
    case 'offline':
      return { kind: 'offline', text: `offline ${formatSince(now - connection.since)}` }
    case 'refused':
      return { kind: 'refused', text: connection.reason === 'token' ? 'signed out' : 'refused' }
    case 'closed':
      return { kind: 'refused', text: 'closed' }
  }
}
