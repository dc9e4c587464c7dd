import { parseCursor } from '../cursor.ts'
import type { ThreadFieldsFragment } from '../graphql/generated/types.ts'

/** What a reading says of a thread. */
type Counted = Pick<ThreadFieldsFragment, 'isFollowed' | 'lastReadIndex' | 'unreadCount' | 'cursor'>

/** What a reply that came, or went, changes of what is unread in its thread. */
export interface ReplyNews {
  /** Of the reply. */
  readonly index: number
  /** The number of its removal; undefined where it came. */
  readonly removedAt?: number
  readonly isOwn: boolean
  readonly isSilent: boolean
}

/** Of each thread, and threads. */
const maxNews = 200
const maxThreads = 1000

/**
 * What replies have changed of threads lately. A reading of a thread may be older than what came by the stream meanwhile, or newer than what is yet to come: it says
 * which position of the channel it counts up to, and what stands beyond that is counted on top of it.
 */
export class ThreadCounting {
  readonly #news = new Map<string, ReplyNews[]>()

  /** Answers the thread with what is new, which changes nothing when it was heard before. */
  hear<Thread extends Counted>(key: string, news: ReplyNews, thread: Thread | undefined): Thread | undefined {
    const all = this.#news.get(key) ?? []
    if (all.some(({ index, removedAt }) => index === news.index && (removedAt === undefined) === isAddition(news)))
      return thread
    const next = thread && after(thread, news, all)
    this.#news.delete(key)
    this.#news.set(key, [...all, news].slice(-maxNews))
    if (this.#news.size > maxThreads) this.#news.delete(this.#news.keys().next().value!)
    return next
  }

  /** A reading, with what it does not count yet. */
  complete<Thread extends Counted>(key: string, thread: Thread): Thread {
    const all = this.#news.get(key) ?? []
    return all.reduce((counted, news, at) => after(counted, news, all.slice(0, at)), thread)
  }

  forget(key: string): void {
    this.#news.delete(key)
  }
}

const isAddition = ({ removedAt }: ReplyNews): boolean => removedAt === undefined

function after<Thread extends Counted>(thread: Thread, news: ReplyNews, before: readonly ReplyNews[]): Thread {
  const { unreadCount, lastReadIndex, isFollowed } = thread
  const { index, removedAt, isOwn, isSilent } = news
  const through = thread.cursor == null ? { index: -1, seq: -1 } : parseCursor(thread.cursor)
  if (removedAt === undefined) {
    if (index <= through.index) return thread
    // Who replies follows, and has read.
    if (isOwn) return { ...thread, isFollowed: true, lastReadIndex: index, unreadCount: unreadCount && 0 }
    if (!isFollowed) return thread
  } else {
    // One that came and went while nobody listened was never counted.
    const wasCounted = index <= through.index || before.some((one) => isAddition(one) && one.index === index)
    if (isOwn || removedAt <= through.seq || !wasCounted || unreadCount === 0) return thread
  }
  if (isSilent || unreadCount === null || index <= (lastReadIndex ?? -1)) return thread
  return { ...thread, unreadCount: unreadCount + (removedAt === undefined ? 1 : -1) }
}
