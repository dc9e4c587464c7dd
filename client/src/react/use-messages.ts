'use client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { MessageList } from '../handles/message-list.ts'
import type { MessageWindow } from '../store/window.ts'
import { useClient } from './provider.tsx'

const nothing: MessageWindow = { rows: [], hasOlder: false, hasNewer: false, isLoaded: false }

/** The messages of a channel that a list shows, and the list that reads more of them. Reads the newest page by itself. */
export function useMessages(channelId: string): MessageWindow & { readonly list: MessageList } {
  const client = useClient()
  const list = useMemo(() => client.channel(channelId).messageList(), [client, channelId])
  const window = useSyncExternalStore(list.subscribe, list.getSnapshot, () => nothing)
  useEffect(() => {
    // What fails is tried again by the list when it is scrolled, and the connection says why.
    list.loadNewest().catch(() => {})
  }, [list])
  return useMemo(() => ({ ...window, list }), [window, list])
}
