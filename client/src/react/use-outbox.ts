'use client'
import type { OutboxItem } from '../store/state.ts'
import { useChannel } from './use-channel.ts'

const nothing: readonly OutboxItem[] = []

/** What waits in the outbox for a channel, oldest first. */
export function useOutbox(channelId: string): readonly OutboxItem[] {
  return useChannel(channelId)?.pending ?? nothing
}
