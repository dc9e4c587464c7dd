'use client'
import { useCallback } from 'react'
import type { State, Typist } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

const nobody: readonly Typist[] = []

/** Who types in a channel now, the user itself left out. */
export function useTyping(channelId: string): readonly Typist[] {
  return useSelection(useCallback(({ channels }: State) => channels.get(channelId)?.typing ?? nobody, [channelId]))
}
