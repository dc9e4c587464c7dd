import type { ChannelState } from '@fonechat/client'
import type { MentionCounts } from '@fonechat/client/mentions'
import { useEffect, useSyncExternalStore } from 'react'
import type { Place } from '../../routes.ts'
import { usePageClient } from './page-client.ts'

/**
 * How many messages that the user has not read name it. Those in replies stand where no list of the channel comes: whoever goes to a channel of which all
 * else is read has read them.
 */
export function useMentions(known: ChannelState | undefined, place: Place | null): MentionCounts {
  const client = usePageClient()
  const { mentions } = client
  const counts = useSyncExternalStore(mentions.subscribe, mentions.getSnapshot)
  const id = known?.channel.id
  useEffect(() => {
    const state = id === undefined ? undefined : client.channel(id).state
    if (!state || state.unreadCount !== 0 || !mentions.getSnapshot().channels.has(state.channel.id)) return
    if (document.visibilityState !== 'visible') return
    void client
      .channel(state.channel.id)
      .advanceLastReadIndex(state.head)
      .catch(() => {})
  }, [client, mentions, id, place])
  return counts
}
