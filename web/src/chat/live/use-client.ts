import { type Client, type State } from '@fonechat/client'
import { useSyncExternalStore } from 'react'

/** The state of a client now. */
export function useClientState(client: Client): State {
  return useSyncExternalStore(client.subscribe, client.getSnapshot)
}
