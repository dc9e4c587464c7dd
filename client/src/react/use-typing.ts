'use client'
import { useCallback } from 'react'
import type { State, Typist } from '../store/state.ts'
import { useSelection } from './use-selection.ts'

const nobody: readonly Typist[] = []

/** Who types in a channel now, or a reply to the message with the SID `parentId`; the user itself is left out. */
export function useTyping(channelId: string, parentId?: string): readonly Typist[] {
  const select = ({ channels }: State): readonly Typist[] => {
    const { typing, threadTyping } = channels.get(channelId) ?? { typing: nobody, threadTyping: nobody }
    return parentId === undefined ? typing : threadTyping.filter((typist) => typist.parentId === parentId)
  }
  return useSelection(useCallback(select, [channelId, parentId]))
}
