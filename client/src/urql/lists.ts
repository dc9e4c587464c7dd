import { isBeyond } from '../cursor.ts'
import { addPage, emptyList, type MessageList } from '../glue/message-list.ts'
import type { Missed } from '../glue/positions.ts'
import {
  findSegment,
  insertEntry,
  truncateSegments,
  type Entry,
  type Found,
  type PageArguments,
} from '../glue/segments.ts'

interface Kept extends MessageList {
  /** Those that arrived last, which a page may not have that was under way. */
  readonly arrived: readonly Entry[]
  readonly removed: ReadonlySet<string>
  /** The highest revision that is known of. */
  readonly seq: number
  /** Of the replies to a message: SID of its channel. */
  readonly channelId?: string | undefined
}

const maxKept = 500
const maxChannels = 500

/**
 * The messages of the channels and the replies to messages, by the key of what has them in Graphcache. They stand beside it: its layers hold what came in the order of the requests,
 * and a page that arrives late would be hidden by an event that came before.
 */
export class MessageLists {
  readonly #lists = new Map<string, Kept>()
  /** The channels with news since the list of channels was read, those with the newest last. */
  readonly #news = new Set<string>()

  #of(channel: string): Kept {
    return this.#lists.get(channel) ?? { ...emptyList, arrived: [], removed: new Set(), seq: 0 }
  }

  #keep(channel: string, list: Kept): void {
    this.#lists.delete(channel)
    this.#lists.set(channel, list)
    if (this.#lists.size > maxChannels) this.#lists.delete(this.#lists.keys().next().value!)
  }

  addPage(
    channel: string,
    page: Parameters<typeof addPage<Entry>>[1],
    args: PageArguments,
    seq: number,
    channelId?: string,
  ): void {
    const list = this.#of(channel)
    const added = addPage<Entry>(list, page, args)
    const segments = list.arrived.reduce(insertEntry<Entry>, added.segments)
    this.#keep(channel, { ...list, ...added, segments, seq: Math.max(seq, list.seq), channelId })
  }

  insert(channel: string, entry: Entry, seq: number, channelId?: string): void {
    const list = this.#of(channel)
    const arrived = [...list.arrived.filter(({ key }) => key !== entry.key), entry].slice(-maxKept)
    this.#keep(channel, {
      ...list,
      channelId,
      arrived,
      segments: insertEntry(list.segments, entry),
      seq: Math.max(seq, list.seq),
    })
  }

  remove(channel: string, key: string, seq: number): void {
    const list = this.#of(channel)
    const removed = new Set([...list.removed, key].slice(-maxKept))
    this.#keep(channel, { ...list, removed, seq: Math.max(seq, list.seq) })
  }

  truncate(channel: string, firstIndex: number): void {
    const list = this.#of(channel)
    const arrived = list.arrived.filter(({ index }) => index >= firstIndex)
    this.#keep(channel, { ...list, arrived, segments: truncateSegments(list.segments, firstIndex) })
  }

  addNews(channel: string): void {
    this.#news.delete(channel)
    this.#news.add(channel)
    if (this.#news.size > maxChannels) this.#news.delete(this.#news.values().next().value!)
  }

  /** For a list of channels that is read again: its order has the news. */
  clearNews(): void {
    this.#news.clear()
  }

  /** The keys of the channels with news, those with the newest last. */
  news(): readonly string[] {
    return [...this.#news]
  }

  /** Marks the list of a channel that has missed something. Answers whether one has. */
  miss({ channel, since }: Missed): boolean {
    let isMissed = false
    for (const [key, list] of this.#lists) {
      if (!(list.channelId ?? key).endsWith(channel) || list.segments.length === 0) continue
      const entries = list.segments.flatMap((segment) => segment.entries)
      const index = Math.max(-1, ...entries.map((entry) => entry.index))
      if (since !== null && !isBeyond(since, { index, seq: list.seq })) continue
      isMissed = true
      const known = since === null ? { removed: new Set<string>(), seq: 0 } : {}
      this.#lists.set(key, { ...list, ...known, isStale: true, arrived: [] })
    }
    return isMissed
  }

  /** `channel` is the one that has what was removed. */
  find(
    owner: string,
    args: PageArguments,
    channel: string,
  ): (Found<Entry> & { readonly totalCount: number | undefined }) | undefined {
    const list = this.#lists.get(owner)
    if (list === undefined || list.isStale) return undefined
    const { removed } = this.#of(channel)
    const found = findSegment(list.segments, args, (moment) => list.moments[moment])
    if (found === undefined) return undefined
    const entries = found.entries.filter(({ key }) => !removed.has(key))
    return { ...found, entries, totalCount: list.totalCount }
  }
}
