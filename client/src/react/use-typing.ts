'use client'
import { useCallback } from 'react'
import type { State, Typist } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

/** Who types in a channel now, or a reply to the message with the SID `parentId`; the user itself is left out. */
export function useTyping(channelId: string, parentId?: string): readonly Typist[] {
  return useSelection(
    useCallback(({ channels }: State) => typistsIn(channels, channelId, parentId), [channelId, parentId]),
  )
}

function typistsIn(channels: State['channels'], channelId: string, parentId: string | undefined): readonly Typist[] {
  const known = channels.get(channelId)
  if (parentId === undefined) return known?.typing ?? []
  return known?.threadTyping.filter((typist) => typist.parentId === parentId) ?? []
}
