'use client'
import { useCallback } from 'react'
import type { ChannelState, State } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

/** What is known of a channel, by its SID; undefined while nothing is. Renders again at each change of this channel, and of no other. */
export function useChannel(channelId: string): ChannelState | undefined {
  return useSelection(useCallback(({ channels }: State) => channels.get(channelId), [channelId]))
}
