import { Listeners } from '../listeners.ts'
import { UnreadMentions, type MentionCounts } from './mention-counts.ts'
import { MentionList, type MentionsSnapshot } from './mention-list.ts'
import type { Module } from './types.ts'

export type { MentionCounts, MentionList, MentionsSnapshot }

export interface MentionListOptions {
  /** Only those that the user has not read. */
  readonly unread?: boolean
}

/** Mentions of the user: how many it has not read, and lists of them. */
export interface Mentioned {
  /** Calls back after each change of the counts. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** Unread mentions by channel and in total, at most the newest 1,000; replies that a channel does not show included. */
  readonly getSnapshot: () => MentionCounts
  /** All mentions, or the unread ones; the same object each time. */
  list(options?: MentionListOptions): MentionList
}

/** Mentions: `createClient({ modules: [mentions()] }).mentions`. */
export function mentions(): Module<'mentions', Mentioned> {
  return {
    name: 'mentions',
    create: (context) => {
      const listeners = new Listeners()
      let known: MentionCounts | undefined
      const unread = new UnreadMentions(context, () => {
        lists[1].apply([])
        if (unread.counts === known) return
        known = unread.counts
        listeners.notify()
      })
      const lists = [new MentionList(context, unread, false), new MentionList(context, unread, true)] as const
      context.store.watch((changes) => {
        unread.apply(changes)
        for (const list of lists) list.apply(changes)
      })
      return {
        subscribe: listeners.add,
        getSnapshot: () => unread.counts,
        list: (options = {}) => lists[options.unread ? 1 : 0],
      }
    },
  }
}
