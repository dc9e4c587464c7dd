'use client'
import { useMemo } from 'react'
import type { ChannelHandle } from '../handles/channel.ts'
import { useClient } from './provider.tsx'

/** What one does with a channel, by its SID: `sendMessage` and the like. The same object for as long as the SID is the same. */
export function useChannelHandle(channelId: string): ChannelHandle {
  const client = useClient()
  return useMemo(() => client.channel(channelId), [client, channelId])
}
