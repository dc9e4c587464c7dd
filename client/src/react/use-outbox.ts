'use client'
import { useCallback } from 'react'
import type { OutboxItem, State } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

const nothing: readonly OutboxItem[] = []

/** What waits in the outbox for a channel, or failed, oldest first: sends, edits and deletions. `client.retry` and `client.discard` take its `id`. */
export function useOutbox(channelId: string): readonly OutboxItem[] {
  return useSelection(useCallback(({ channels }: State) => channels.get(channelId)?.pending ?? nothing, [channelId]))
}
