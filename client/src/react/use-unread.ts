'use client'
import type { ChannelListSnapshot, UnreadTotals } from '../store/channel-list.ts'
import { emptyChannelList } from './absent.ts'
import { useClient } from './provider.tsx'
import { useStored } from './use-stored.ts'

const unreadOf = ({ unread }: ChannelListSnapshot): UnreadTotals => unread

/** What is unread in all channels that were read, but muted, archived and hidden ones. A single channel has its `unreadCount`. */
export function useUnread(): UnreadTotals {
  return useStored(useClient().channels, unreadOf, emptyChannelList)
}
