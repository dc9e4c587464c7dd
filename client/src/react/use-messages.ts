'use client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { MessageList } from '../handles/message-list.ts'
import { emptyWindow, type MessageWindow } from '../store/window.ts'
import { useClient } from './provider.tsx'
import { useConnection } from './use-connection.ts'

/** Messages, and what reads more of them: what `useMessages` gives, or the same of elsewhere. */
export interface Messages extends MessageWindow {
  readonly list: Pick<MessageList, 'loadOlder' | 'loadNewer' | 'loadNewest' | 'jumpTo'>
}

/** Fewer rows than these fill no list: a channel may have only what has just arrived. */
const filling = 25

/** Whether there is enough to fill a list, or all there is. */
export const isFilled = ({ rows, hasOlder }: MessageWindow): boolean => rows.length >= filling || !hasOlder

const absent = (): MessageWindow => emptyWindow

/**
 * The messages of a channel that a list shows, by the channel’s SID, and the list that reads more of them: `list.loadOlder()`, `loadNewer()`,
 * `jumpTo(index)`. Reads the newest by itself, again when the connection is back if that failed. A row is the same object until something of
 * it changes: rows as `memo` components are not rendered again for others.
 */
export function useMessages(channelId: string): MessageWindow & { readonly list: MessageList } {
  const client = useClient()
  return useMessageList(useMemo(() => client.channel(channelId).messageList(), [client, channelId]))
}

/** What a list of messages shows; it reads the newest by itself. */
export function useMessageList(list: MessageList): MessageWindow & { readonly list: MessageList } {
  const shown = useSyncExternalStore(list.subscribe, list.getSnapshot, absent)
  const isLive = useConnection().status === 'live'
  const { isLoaded } = shown
  const isFull = isFilled(shown)
  useEffect(() => {
    if (isLoaded && isFull) return
    // What fails is tried again when the client is live again, and when the list is scrolled; the connection says why.
    const read = isLoaded ? list.loadOlder() : list.loadNewest()
    read.catch(() => {})
  }, [list, isLive, isLoaded, isFull])
  return useMemo(() => ({ ...shown, list }), [shown, list])
}
