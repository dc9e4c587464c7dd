import { ChatError, type State } from '@fonechat/client'
import { useClient, useConnection } from '@fonechat/client/react'
import { useEffect, useState } from 'react'

const saysNo: ReadonlySet<ChatError['code']> = new Set(['NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT'])

/**
 * Asks the server for a channel that an address names and the state does not have: the list may not have come to it yet. Whether it is not there is
 * known once the server has said so, and unknown while nothing answers.
 */
export function useUnlistedChannel(wanted: string | null, listStatus: State['listStatus']): { isMissing: boolean } {
  const client = useClient()
  const [missing, setMissing] = useState<string | null>(null)
  const isLive = useConnection().status === 'live'
  const isAsked = wanted !== null && isLive && listStatus !== 'complete'
  useEffect(() => {
    if (!isAsked) return
    const ended = new AbortController()
    client.getChannel(wanted, { signal: ended.signal }).catch((error: unknown) => {
      if (!ended.signal.aborted && error instanceof ChatError && saysNo.has(error.code)) setMissing(wanted)
    })
    return () => ended.abort()
  }, [client, wanted, isAsked])
  return { isMissing: wanted !== null && (listStatus === 'complete' || missing === wanted) }
}
