import type { AppendedChange, ReactionsChange, ThreadChange } from './change.ts'
import { applyReactions, firstReading, mergeMessage } from './reactions.ts'
import type { Message } from './state.ts'
import { appendPiece } from './streamed.ts'
import { applyThread } from './thread.ts'

/** Where a message with this index stands, or would stand, in a list sorted by index. */
export function placeOf(messages: readonly Message[], index: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (messages[middle]!.index < index) low = middle + 1
    else high = middle
  }
  return low
}

/** Puts messages in. Of two readings of a message the newer stays. Returns the same list when nothing is newer. */
export function mergeMessages(known: readonly Message[], news: readonly Message[]): readonly Message[] {
  let merged: Message[] | undefined
  for (const message of news) {
    const messages = merged ?? known
    const place = placeOf(messages, message.index)
    const present = messages[place]
    const isKnown = present?.index === message.index
    const newest = isKnown ? mergeMessage(present, message) : firstReading(message)
    if (newest === present) continue
    merged ??= [...known]
    merged.splice(place, isKnown ? 1 : 0, newest)
  }
  return merged ?? known
}

type Addition = AppendedChange | ReactionsChange | ThreadChange

/** A message with what was added to it, or to its text. */
export function withAddition(message: Message, change: Addition): Message {
  if (change.kind === 'appended') return appendPiece(message, change)
  return change.kind === 'thread' ? applyThread(message, change) : applyReactions(message, change)
}

/** Changes what was added to a message; the same list when it is not there, or knows something newer. */
export function mergeAddition(known: readonly Message[], change: Addition): readonly Message[] {
  const place = placeOf(known, change.index)
  const present = known[place]
  const changed = present?.index === change.index ? withAddition(present, change) : present
  return changed === present ? known : known.with(place, changed!)
}

/** A deleted message never comes back, whatever revision is known of it. */
export function removeMessage(
  known: readonly Message[],
  index: number,
): { readonly message: Message | undefined; readonly messages: readonly Message[] } {
  const place = placeOf(known, index)
  const present = known[place]
  if (present?.index !== index) return { message: undefined, messages: known }
  return { message: present, messages: known.toSpliced(place, 1) }
}
