import type { ChannelState, Message } from './state.ts'

export interface Pinned {
  /** What was read, as it is now. */
  readonly read: ReadonlyMap<number, Message>
  /** The newest pin first; what waits in the outbox is shown as done. */
  readonly pinned: readonly Message[]
}

/**
 * The pinned messages of a channel: those that were read, by index, and those that are known. Of two readings of a message the one with the higher revision
 * counts, also where the later one says that it is pinned no longer.
 */
export function pinnedMessages(read: ReadonlyMap<number, Message>, known: ChannelState | undefined): Pinned {
  if (!known) return { read, pinned: [] }
  const { firstIndex } = known.channel
  const isThere = ({ index }: Message): boolean => index >= firstIndex && !known.removed.has(index)
  let now: Map<number, Message> | undefined
  for (const message of known.messages) {
    const before = read.get(message.index)
    const isNews = before ? message.revision > before.revision : message.pinnedAt !== null
    if (isNews) (now ??= new Map(read)).set(message.index, message)
  }
  const all = now ?? read
  const wanted = new Map<string, boolean>()
  for (const { action } of known.pending) {
    if (action.kind === 'pin') wanted.set(action.messageId, action.isPinned)
    if (action.kind === 'delete') wanted.set(action.messageId, false)
  }
  const candidates = [...all.values(), ...known.messages.filter(({ id, index }) => wanted.get(id) && !all.has(index))]
  const pinned = candidates
    .filter((message) => isThere(message) && (wanted.get(message.id) ?? message.pinnedAt !== null))
    .toSorted((one, other) => pinnedOrder(one, other))
  return { read: all, pinned }
}

/** What is only on its way was pinned last. */
function pinnedOrder(one: Message, other: Message): number {
  const at = ({ pinnedAt }: Message): number => (pinnedAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(pinnedAt))
  return at(other) - at(one) || other.index - one.index
}
