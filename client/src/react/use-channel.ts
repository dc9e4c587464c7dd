'use client'
import { useMemo } from 'react'
import type { ChannelHandle } from '../handles/channel.ts'
import type { ChannelState } from '../store/state.ts'
import { useClient } from './provider.tsx'
import { useSelection } from './use-selection.ts'

/** What is known of a channel, by its SID; undefined while nothing is. */
export function useChannel(channelId: string): ChannelState | undefined {
  return useSelection(({ channels }) => channels.get(channelId))
}

/** What one does with a channel. */
export function useChannelHandle(channelId: string): ChannelHandle {
  const client = useClient()
  return useMemo(() => client.channel(channelId), [client, channelId])
}
