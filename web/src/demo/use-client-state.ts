import type { Client, State } from '@fonechat/client'
import { useSyncExternalStore } from 'react'

/** The state of a client beside others: what stands within one pane has the hooks. */
export function useClientState(client: Client): State {
  return useSyncExternalStore(client.subscribe, client.getSnapshot)
}
