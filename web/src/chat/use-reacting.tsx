import type { ChannelHandle, ChannelState, MessageRow } from '@fonechat/client'
import { useCallback, useRef, useState } from 'react'
import type { ReactorNames } from './list/reactions.tsx'
import { personIn, personOf } from './live/names.ts'
import { ReactionPicker } from './reaction-picker.tsx'

interface Picking {
  readonly row: MessageRow
  readonly anchor: DOMRect
}

/** Reacting to messages of a channel. What it returns stays the same, but for the picker. */
export function useReacting(handle: ChannelHandle, known: ChannelState, attempt: (work: Promise<unknown>) => void) {
  const [picking, setPicking] = useState<Picking | null>(null)
  const now = useRef({ handle, known, attempt })
  now.current = { handle, known, attempt }

  /** Adds a reaction, or takes one’s own away. */
  const onReact = useCallback(({ message, reactions }: MessageRow, reaction: string): void => {
    if (!message) return
    const { handle: channel, attempt: tryTo } = now.current
    const isOwn = reactions.some((group) => group.reaction === reaction && group.viewerHasReacted)
    tryTo(isOwn ? channel.removeReaction(message.id, reaction) : channel.addReaction(message.id, reaction))
  }, [])

  /** Adds one that was picked: picking the same again does not take it away. */
  const onPick = ({ row }: Picking, emoji: string): void => {
    if (row.message) attempt(handle.addReaction(row.message.id, emoji))
    end(row)
  }

  const end = (row: MessageRow): void => {
    setPicking(null)
    document.querySelector<HTMLElement>(`[data-key="${CSS.escape(row.key)}"]`)?.focus()
  }

  /** The names of the others. */
  const namesOf = useCallback(async ({ message }: MessageRow): Promise<ReactorNames> => {
    const { handle: channel, known: state } = now.current
    const reactors = message ? await channel.getReactors(message.id) : new Map<string, never>()
    const self = state.membership.identity
    const names = (users: readonly { identity: string; user: Parameters<typeof personOf>[0] | null }[]): string[] =>
      users
        .filter(({ identity }) => identity !== self)
        .map(({ identity, user }) => (user ? personOf(user) : personIn(state, identity)).name)
    return new Map([...reactors].map(([reaction, users]) => [reaction, names(users)]))
  }, [])

  const onPicking = useCallback((row: MessageRow, anchor: DOMRect) => setPicking({ row, anchor }), [])
  const picker = picking && (
    <ReactionPicker
      anchor={picking.anchor}
      onPick={(emoji) => onPick(picking, emoji)}
      onClose={() => end(picking.row)}
    />
  )
  return { onReact, namesOf, onPicking, picker, pickerOf: picking?.row.key ?? null }
}
