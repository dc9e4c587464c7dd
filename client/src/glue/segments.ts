import { parseCursor } from '../cursor.ts'

/** The end of what a list may cover: no message has this index, and JSON keeps it. */
export const endIndex = Number.MAX_SAFE_INTEGER

/** A message in a list. */
export interface Entry {
  /** Its key in the cache. */
  readonly key: string
  readonly index: number
  readonly cursor: string | undefined
}

/**
 * Messages without a hole between them. What it covers follows from the bounds of pages, never from indexes that are missing: pages leave out
 * deleted messages.
 */
export interface Segment<E extends Entry = Entry> {
  /** The first index that is covered; 0 where the history begins. */
  readonly from: number
  /** The last index that is covered; `endIndex` where new messages are added. */
  readonly to: number
  /** Any cursor of the first and the last index. The message that it was taken from may be gone. */
  readonly startCursor: string | null
  readonly endCursor: string | null
  /** By index. */
  readonly entries: readonly E[]
}

/** The arguments of `Channel.messages`. */
export interface PageArguments {
  readonly first?: number | null
  readonly last?: number | null
  readonly after?: string | null
  readonly before?: string | null
  readonly around?: {
    readonly index?: number | null
    readonly cursor?: string | null
    readonly moment?: string | null
  } | null
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

/** Messages of a list, with those that were paged back to. At a live message beyond that the older half goes. */
const maxLive = 5000

/** Places of a list that are kept besides each other; then the least recently read goes. */
const maxSegments = 10

/** What a page covers. */
export function toSegment<E extends Entry>(
  entries: readonly E[],
  { after, before }: PageArguments,
  { hasNextPage, hasPreviousPage, startCursor, endCursor }: PageInfo,
): Segment<E> {
  const ordered = entries.toSorted((one, other) => one.index - other.index)
  const from = after != null ? parseCursor(after).index + 1 : hasPreviousPage ? (ordered[0]?.index ?? 0) : 0
  const to = before != null ? parseCursor(before).index - 1 : hasNextPage ? (ordered.at(-1)?.index ?? 0) : endIndex
  return {
    from,
    to,
    startCursor: startCursor ?? after ?? null,
    endCursor: endCursor ?? before ?? null,
    entries: ordered,
  }
}

/** Both entries' messages by index, each once; those of the second are newer. */
function union<E extends Entry>(one: readonly E[], other: readonly E[]): readonly E[] {
  const byKey = new Map(one.map((entry) => [entry.key, entry]))
  for (const entry of other) {
    const known = byKey.get(entry.key)
    byKey.set(entry.key, entry.cursor === undefined && known !== undefined ? known : entry)
  }
  return [...byKey.values()].toSorted((a, b) => a.index - b.index)
}

/** Adds a page: it joins what it touches. */
export function addSegment<E extends Entry>(segments: readonly Segment<E>[], added: Segment<E>): readonly Segment<E>[] {
  if (added.from > added.to) return segments
  let joined = added
  const others: Segment<E>[] = []
  for (const segment of segments) {
    if (segment.to + 1 < joined.from || joined.to + 1 < segment.from) {
      others.push(segment)
      continue
    }
    const lower = segment.from < joined.from ? segment : joined
    const upper = segment.to > joined.to ? segment : joined
    joined = {
      from: lower.from,
      to: upper.to,
      startCursor: lower.startCursor,
      endCursor: upper.endCursor,
      entries: union(segment.entries, joined.entries),
    }
  }
  // Joining one may have closed the distance to another that was passed before.
  if (
    others.length < segments.length &&
    others.some(({ from, to }) => to + 1 >= joined.from && joined.to + 1 >= from)
  ) {
    return addSegment(others, joined)
  }
  return [...others.slice(1 - maxSegments), joined]
}

/** Puts a message where it belongs, when that place is covered. */
export function insertEntry<E extends Entry>(segments: readonly Segment<E>[], entry: E): readonly Segment<E>[] {
  const changed = segments.map((segment) => {
    if (entry.index < segment.from || entry.index > segment.to) return segment
    const known = segment.entries.findLast(({ key }) => key === entry.key)
    if (known !== undefined && (known.cursor !== undefined || entry.cursor === undefined)) return segment
    const newest = segment.entries.at(-1)
    const isAppended = newest === undefined || newest.index < entry.index
    const entries = isAppended ? [...segment.entries, entry] : union(segment.entries, [entry])
    const isLast = entries.at(-1) === entry
    const cursor = entry.cursor ?? null
    const grown: Segment<E> = {
      ...segment,
      entries,
      startCursor: segment.startCursor ?? cursor,
      endCursor: isLast && cursor !== null ? cursor : segment.endCursor,
    }
    return isLast && entries.length > maxLive ? withoutOlderHalf(grown) : grown
  })
  return changed.every((segment, place) => segment === segments[place]) ? segments : changed
}

function withoutOlderHalf<E extends Entry>(segment: Segment<E>): Segment<E> {
  const entries = segment.entries.slice(-maxLive / 2)
  const start = entries.findIndex(({ cursor }) => cursor !== undefined)
  const first = entries[start]
  if (first === undefined) return segment
  return { ...segment, from: first.index, startCursor: first.cursor ?? null, entries: entries.slice(start) }
}

/** Leaves out messages below an index, which were truncated. */
export function truncateSegments<E extends Entry>(segments: readonly Segment<E>[], firstIndex: number) {
  return segments
    .filter(({ to }) => to >= firstIndex)
    .map((segment) =>
      segment.from > firstIndex
        ? segment
        : { ...segment, from: 0, entries: segment.entries.filter(({ index }) => index >= firstIndex) },
    )
}

const pageSize = 25

export interface Found<E extends Entry> extends PageInfo {
  readonly entries: readonly E[]
  /** Whether new messages are added at its end. */
  readonly isNewest: boolean
}

/**
 * What is covered of that for which these arguments ask. Nothing when it must be read. `after` and `before` mean one page; without them it is all
 * that is known from the newest (or, with `first`, from the oldest, or around the place) on.
 */
export function findSegment<E extends Entry>(
  segments: readonly Segment<E>[],
  { first, last, after, before, around }: PageArguments,
  /** The index that a page around this `moment` has. */
  indexOfMoment: (moment: string) => number | undefined = () => undefined,
): Found<E> | undefined {
  if (before != null) {
    const end = parseCursor(before).index
    const segment = segments.find(({ from, to }) => from < end && to >= end - 1)
    const older = segment?.entries.filter(({ index }) => index < end) ?? []
    const count = last ?? pageSize
    if (segment === undefined || (older.length < count && segment.from > 0)) return undefined
    const entries = older.slice(-count)
    const isAll = entries.length === older.length
    return describe(segment, entries, isAll && segment.from === 0, false)
  }
  if (after != null) {
    const start = parseCursor(after).index
    const segment = segments.find(({ from, to }) => from <= start + 1 && to > start)
    const newer = segment?.entries.filter(({ index }) => index > start) ?? []
    const count = first ?? pageSize
    if (segment === undefined || (newer.length < count && segment.to < endIndex)) return undefined
    const entries = newer.slice(0, count)
    return describe(segment, entries, false, entries.length === newer.length && segment.to === endIndex)
  }
  const place = around == null ? undefined : placeOf(around, indexOfMoment)
  if (around != null && place === undefined) return undefined
  const segment = segments.find(({ from, to }) =>
    place !== undefined ? from <= place && place <= to : first != null ? from === 0 : to === endIndex,
  )
  return segment && describe(segment, segment.entries, segment.from === 0, segment.to === endIndex)
}

function placeOf(around: NonNullable<PageArguments['around']>, indexOfMoment: (moment: string) => number | undefined) {
  if (around.index != null) return around.index
  if (around.cursor != null) return parseCursor(around.cursor).index
  return around.moment == null ? undefined : indexOfMoment(around.moment)
}

function describe<E extends Entry>(
  segment: Segment<E>,
  entries: readonly E[],
  isFirst: boolean,
  isNewest: boolean,
): Found<E> {
  const isWhole = entries === segment.entries
  return {
    entries,
    isNewest,
    hasPreviousPage: !isFirst,
    hasNextPage: !isNewest,
    startCursor: (isWhole ? segment.startCursor : entries[0]?.cursor) ?? segment.startCursor,
    endCursor: (isWhole ? segment.endCursor : entries.at(-1)?.cursor) ?? segment.endCursor,
  }
}
