'use client'
import { useMemo, useSyncExternalStore } from 'react'
import type { ChannelList } from '../handles/channel-list.ts'
import type { ChannelListSnapshot } from '../store/channel-list.ts'
import { emptyChannelList } from './absent.ts'
import { useClient } from './provider.tsx'

const absent = (): ChannelListSnapshot => emptyChannelList

/** The channels of the user: pinned ones by their place, the others by activity, the totals of what is unread, and the list that reads more of them. */
export function useChannelList(): ChannelListSnapshot & { readonly list: ChannelList } {
  const { channels: list } = useClient()
  const snapshot = useSyncExternalStore(list.subscribe, list.getSnapshot, absent)
  return useMemo(() => ({ ...snapshot, list }), [snapshot, list])
}
