import type { ChannelListSnapshot, Client, State } from '@fonechat/client'
import { useSyncExternalStore } from 'react'

/** The state of a client now. */
export function useClientState(client: Client): State {
  return useSyncExternalStore(client.subscribe, client.getSnapshot)
}

/** The channels of a client as a list shows them. */
export function useChannelList({ channels }: Client): ChannelListSnapshot {
  return useSyncExternalStore(channels.subscribe, channels.getSnapshot)
}
