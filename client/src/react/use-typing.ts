'use client'
import type { Typist } from '../store/state.ts'
import { useChannel } from './use-channel.ts'

const nobody: readonly Typist[] = []

/** Who types in a channel now, the user itself left out. */
export function useTyping(channelId: string): readonly Typist[] {
  return useChannel(channelId)?.typing ?? nobody
}
