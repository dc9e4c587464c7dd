import { isBeyond, parseCursor, type Cursor, type Position } from '../cursor.ts'
import { requireFields } from './require.ts'

/** What is read of an event of `events`. */
export interface StreamEvent {
  readonly __typename?: string
  readonly cursor?: string
  readonly cursors?: readonly { readonly cursor: string }[]
}

/** A channel of which a stream has missed something, by the end of its SID, and the position from which on it misses nothing. */
export interface Missed {
  readonly channel: string
  /** Null where something of what the client has may be lost: all it knows of the channel is to be forgotten. */
  readonly since: Position | null
}

/** The first part of a cursor is the end of the channel's SID. */
const channelOf = (cursor: string): string => cursor.split('.', 1)[0]!

/** How far a stream of `events` has come in each channel, and so what it has missed when it begins again. */
export class Positions {
  readonly #reached = new Map<string, Cursor>()

  /** Takes the next event. Answers the channels of which something was missed before it. */
  take(event: StreamEvent): readonly Missed[] {
    requireFields('Each event', { ...event }, ['__typename', 'cursor'])
    const cursor = event.cursor!
    if (event.__typename === 'Ready') return this.#begin(event, cursor)
    const channel = channelOf(cursor)
    if (event.__typename === 'Gap') {
      this.#reached.set(channel, parseCursor(cursor))
      return [{ channel, since: null }]
    }
    this.#reach(channel, parseCursor(cursor))
    return []
  }

  #begin({ cursors }: StreamEvent, cursor: string): readonly Missed[] {
    requireFields('Ready', { cursors }, ['cursors'])
    const starts = cursors!.length > 0 ? cursors!.map((one) => one.cursor) : [cursor].filter((one) => one !== '')
    return starts.flatMap((start): Missed[] => {
      const [channel, since] = [channelOf(start), parseCursor(start)]
      const known = this.#reached.get(channel)
      this.#reach(channel, since)
      // A stream without `after` begins where the device was, and knows nothing of what this client has seen.
      if (known !== undefined && known.history !== since.history) return [{ channel, since: null }]
      return known === undefined || isBeyond(since, known) ? [{ channel, since }] : []
    })
  }

  #reach(channel: string, cursor: Cursor): void {
    const known = this.#reached.get(channel)
    if (known?.history !== cursor.history) this.#reached.set(channel, cursor)
    else {
      const [index, seq] = [Math.max(cursor.index, known.index), Math.max(cursor.seq, known.seq)]
      this.#reached.set(channel, { ...cursor, index, seq })
    }
  }
}
