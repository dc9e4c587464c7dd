'use client'
import { useEffect, useState, type RefObject } from 'react'
import { useClient } from './provider.tsx'
import { useAttention } from './use-attention.ts'
import { useConnection } from './use-connection.ts'

/** For how long something has to be looked at to be read, in milliseconds. */
const readAfter = 500

/** Whether an element is on the screen: it may be behind another one, or scrolled away. */
function useOnScreen(element: RefObject<Element | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false)
  useEffect(() => {
    if (!element.current) return
    const observer = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? false))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return isOnScreen
}

/**
 * Marks a channel as read: what stood at the end of the list for half a second, while the list was on the screen and the document visible
 * and focused. `index` is that of the newest message while the list is scrolled to it, and null otherwise. Waits until the client is live.
 * With `onRead` something else than the channel is marked.
 */
export function useRead(
  channelId: string,
  list: RefObject<Element | null>,
  index: number | null,
  onRead?: (index: number) => void,
): void {
  const client = useClient()
  const isLive = useConnection().status === 'live'
  const isAttentive = useAttention()
  const isOnScreen = useOnScreen(list)
  const isLookedAt = isLive && isAttentive && isOnScreen
  useEffect(() => {
    if (!isLookedAt || index === null) return
    const timer = setTimeout(() => {
      if (onRead) return onRead(index)
      const channel = client.channel(channelId)
      if (!channel.state || index <= (channel.state.membership.lastReadIndex ?? -1)) return
      // What fails is marked with the next message, or when the client is live again.
      channel.advanceLastReadIndex(index).catch(() => {})
    }, readAfter)
    return () => clearTimeout(timer)
  }, [client, channelId, isLookedAt, index, onRead])
}
