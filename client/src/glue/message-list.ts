import { requireFields } from './require.ts'
import { addSegment, toSegment, type Entry, type PageArguments, type PageInfo, type Segment } from './segments.ts'

/** What is known of a channel's messages. */
export interface MessageList<E extends Entry = Entry> {
  readonly segments: readonly Segment<E>[]
  /** The index with which the page around a moment begins. */
  readonly moments: Readonly<Record<string, number>>
  /** Something may have been missed: the next page of the newest takes the place of all segments. */
  readonly isStale: boolean
  /** As it was last read. */
  readonly totalCount?: number
}

export const emptyList: MessageList<never> = { segments: [], moments: {}, isStale: false }

const maxMoments = 20

interface Page<E extends Entry> {
  readonly entries: readonly E[]
  readonly pageInfo: PageInfo
  readonly totalCount: number | undefined
}

/** Adds a page that was read. */
export function addPage<E extends Entry>(
  list: MessageList<E>,
  { entries, pageInfo, totalCount }: Page<E>,
  page: PageArguments,
): MessageList<E> {
  requireFields('Channel.messages.pageInfo', { ...pageInfo }, [
    'hasNextPage',
    'hasPreviousPage',
    'startCursor',
    'endCursor',
  ])
  const added = toSegment(entries, page, pageInfo)
  const moment = page.around?.moment
  const moments =
    moment == null
      ? list.moments
      : Object.fromEntries([...Object.entries(list.moments), [moment, added.from]].slice(-maxMoments))
  const isNewest = !pageInfo.hasNextPage && page.before == null
  const isReplaced = list.isStale && isNewest
  return {
    ...list,
    ...(totalCount !== undefined && { totalCount }),
    moments,
    isStale: list.isStale && !isNewest,
    segments: addSegment(isReplaced ? [] : list.segments, added),
  }
}
