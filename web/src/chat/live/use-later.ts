import type { LaterSnapshot } from '@fonechat/client/later'
import { useSyncExternalStore } from 'react'
import { usePageClient } from './page-client.ts'

/** The drafts of the user, and what it has scheduled and saved. */
export function useLater(): LaterSnapshot {
  const { later } = usePageClient()
  return useSyncExternalStore(later.subscribe, later.getSnapshot)
}
