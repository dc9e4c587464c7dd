import { within } from './intervals.ts'
import { placeOf } from './messages.ts'
import type { ChannelState, Interval, State } from './state.ts'
import { countedToHead } from './unread.ts'
import { windowSize } from './window.ts'

/** Messages in memory. Beyond, so many go that there is room for a while. */
const maxMessages = 20_000
const room = 2000

function countMessages({ channels }: State): number {
  let count = 0
  for (const { messages } of channels.values()) count += messages.length
  return count
}

/**
 * Takes out messages beyond 20,000: first all but the newest of channels that nobody looks at, of those the least recently shown ones first, then what is
 * more than a window away from what is shown. `lastShown` has the channels in the order in which they were last shown.
 */
export function evict(
  state: State,
  shown: ReadonlyMap<string, Interval>,
  lastShown: Iterable<string>,
  max = maxMessages,
): State {
  let surplus = countMessages(state) - max
  if (surplus <= 0) return state
  surplus += Math.min(room, max / 10)
  const recent = [...lastShown]
  const never = [...state.channels.keys()].filter((id) => !recent.includes(id))
  const order = [...never, ...recent.filter((id) => !shown.has(id)), ...shown.keys()]
  const channels = new Map(state.channels)
  for (const id of order) {
    const known = channels.get(id)
    if (surplus <= 0) break
    if (!known) continue
    const kept = keep(known, shown.get(id))
    surplus -= known.messages.length - kept.messages.length
    channels.set(id, kept)
  }
  return { ...state, channels }
}

function keep(known: ChannelState, shown: Interval | undefined): ChannelState {
  const { messages } = known
  const last = messages.length - 1
  const start = shown ? Math.max(placeOf(messages, shown[0]) - windowSize, 0) : Math.max(last, 0)
  const end = shown ? Math.min(placeOf(messages, shown[1]) + windowSize, last) : last
  if (start <= 0 && end >= last) return known
  const from = messages[start]!.index
  const to = end === last ? Number.MAX_SAFE_INTEGER : messages[end]!.index
  return {
    ...countedToHead(known),
    messages: messages.slice(start, end + 1),
    intervals: within(known.intervals, [from, to]),
  }
}
