import type { Message, MessageRow } from '@fonechat/client'
import { useSyncExternalStore } from 'react'
import { usePageClient } from './page-client.ts'

/** The message that one is about to quote: undefined while it is not known, null where there is none, or it is gone. */
export function useQuoted(
  channelId: string,
  id: string | null,
  rows: readonly MessageRow[],
): Message | null | undefined {
  const { threads } = usePageClient()
  const find = (): Message | null | undefined => {
    if (id === null) return null
    // The replies of a thread are in no list of the channel.
    return rows.find(({ message }) => message?.id === id)?.message ?? threads.message(channelId, id)
  }
  const quoted = useSyncExternalStore(threads.subscribe, find)
  return quoted && quoted.deletedAt != null ? null : quoted
}
