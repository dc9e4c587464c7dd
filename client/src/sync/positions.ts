import { indexOfCursor } from '../store/cursor.ts'
import type { State } from '../store/state.ts'

/** A channel that is further behind is not caught up message by message: it begins at its newest message, and what it missed is read as pages. */
const maxBehind = 200

/** Some 200 KB as text, of the 256 KiB that the server takes at once. In any other channel it goes on after what this device has confirmed. */
export const maxPositions = 2000

export interface ChannelPosition {
  readonly channelId: string
  readonly after: string
}

/** The cursors to go on from: of the channels that are known, those first in which something was said last, then of the others. */
export function positionsOf({ channels }: State, unlisted: ReadonlyMap<string, string>): ChannelPosition[] {
  const known = [...channels.values()]
    .toSorted((one, other) => other.activityAt - one.activityAt)
    .flatMap(({ channel, position }) => (position === null ? [] : { channelId: channel.id, after: position }))
  const others = [...unlisted].map(([channelId, after]) => ({ channelId, after }))
  return [...known, ...others].slice(0, maxPositions)
}

/** Whether the stream is to begin at the newest message instead of where it was. */
export function isTooFarBehind(position: string, head: number): boolean {
  return head - indexOfCursor(position) > maxBehind
}
