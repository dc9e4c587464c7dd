import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ThreadCounting, type ReplyNews } from '../../src/modules/thread-counting.ts'
import type { ViewerThread } from '../../src/modules/thread-following.ts'

/** What the server would say of the thread after so many of the events. */
function readAfter(events: readonly ReplyNews[], start: number): ViewerThread {
  const isOwn = (one: ReplyNews): boolean => one.isOwn && one.removedAt === undefined
  const read = Math.max(0, ...events.filter(isOwn).map(({ index }) => index))
  const gone = new Set(events.filter(({ removedAt }) => removedAt !== undefined).map(({ index }) => index))
  const added = events.filter(({ removedAt }) => removedAt === undefined)
  const unread = added.filter((one) => !one.isOwn && !one.isSilent && one.index > read && !gone.has(one.index))
  return {
    channelId: 'CH',
    parentIndex: 0,
    isFollowed: true,
    lastReadIndex: read,
    unreadCount: unread.length,
    cursor: `c.${added.length.toString(36)}.${(start + events.length).toString(36)}.h`,
    parent: null,
  }
}

/** Replies are numbered from 1; each event takes a number. */
function toEvents(acts: readonly { readonly isOwn: boolean; readonly isSilent: boolean; readonly removes: number }[]) {
  const events: ReplyNews[] = []
  const there: ReplyNews[] = []
  let index = 0
  for (const { isOwn, isSilent, removes } of acts) {
    if (removes > 0 && there.length > 0) {
      const [gone] = there.splice(removes % there.length, 1)
      events.push({ ...gone!, removedAt: events.length + 1 })
    } else {
      const added = { index: ++index, isOwn, isSilent }
      events.push(added)
      there.push(added)
    }
  }
  return events
}

test('a thread counts the same whenever it is read, and whether an answer or an event comes first', () => {
  const act = fc.record({ isOwn: fc.boolean(), isSilent: fc.boolean(), removes: fc.nat({ max: 6 }) })
  const reading = fc.record({ asOf: fc.nat({ max: 30 }), arrives: fc.nat({ max: 30 }) })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), fc.array(reading, { maxLength: 4 }), (acts, readings) => {
      const events = toEvents(acts)
      const counting = new ThreadCounting()
      let thread = readAfter([], 0)
      for (let at = 0; at <= events.length; at++) {
        for (const { asOf, arrives } of readings) {
          if (arrives !== at) continue
          const read = readAfter(events.slice(0, Math.min(asOf, events.length)), 0)
          if (read.lastReadIndex! >= thread.lastReadIndex!) thread = counting.complete('key', read)
        }
        const event = events[at]
        // Twice says nothing new.
        if (event) for (let time = 0; time < 2; time++) thread = counting.hear('key', event, thread)!
      }
      const { unreadCount, lastReadIndex } = readAfter(events, 0)
      expect(thread).toMatchObject({ unreadCount, lastReadIndex })
    }),
    { numRuns: 2000 },
  )
})

test('a reply that came and went while nobody listened is not taken off', () => {
  const counting = new ThreadCounting()
  const thread = readAfter([{ index: 1, isOwn: false, isSilent: false }], 0)
  const gone = { index: 2, removedAt: 3, isOwn: false, isSilent: false }
  expect(counting.hear('key', gone, thread)!.unreadCount).toBe(1)
})
