import { expect, test } from 'vitest'
import {
  addSegment,
  endIndex,
  findSegment,
  insertEntry,
  toSegment,
  truncateSegments,
  type Entry,
  type Segment,
} from '../../src/glue/segments.ts'

const cursorOf = (index: number) => `0123abcd.${index.toString(36)}.0.00000000`
const entry = (index: number): Entry => ({ key: `Message:${index}`, index, cursor: cursorOf(index) })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

/** A page of these indexes, as the server answers it. */
function page(indexes: readonly number[], args: object = {}, more: { before?: boolean; after?: boolean } = {}) {
  return toSegment(indexes.map(entry), args, {
    hasPreviousPage: more.before ?? true,
    hasNextPage: more.after ?? false,
    startCursor: cursorOf(indexes[0]!),
    endCursor: cursorOf(indexes.at(-1)!),
  })
}

const indexesOf = (segments: readonly Segment[]) => segments.map(({ entries }) => entries.map(({ index }) => index))

test('pages join what they touch, whatever was deleted at their bounds', () => {
  const newest = page([95, 97, 99])
  // 92 to 94 are deleted: the page ends where the other begins.
  const older = page([88, 90, 91], { before: cursorOf(95) })
  expect(indexesOf(addSegment([newest], older))).toEqual([[88, 90, 91, 95, 97, 99]])
})

test('a page between two lists makes one of them', () => {
  const lists = addSegment([page([90, 91])], page([50, 51], { around: { index: 50 } }, { after: true }))
  expect(indexesOf(lists)).toEqual([
    [90, 91],
    [50, 51],
  ])
  expect(indexesOf(addSegment(lists, page(range(52, 89), { before: cursorOf(90) })))).toEqual([
    [50, 51, ...range(52, 89), 90, 91],
  ])
})

test('a message is put where its place is known, once, and nowhere else', () => {
  const lists = [page([90, 92])]
  const once = insertEntry(lists, entry(91))
  expect(indexesOf(insertEntry(once, entry(93)))).toEqual([[90, 91, 92, 93]])
  expect(insertEntry(once, entry(91))).toBe(once)
  expect(insertEntry(once, entry(40))).toBe(once)
})

test('a page is answered from what is known only when all of it is known', () => {
  const lists = [page(range(50, 99))]
  expect(findSegment(lists, { last: 10, before: cursorOf(70) })?.entries.map(({ index }) => index)).toEqual(
    range(60, 69),
  )
  expect(findSegment(lists, { last: 10, before: cursorOf(55) })).toBeUndefined()
  expect(findSegment(lists, { first: 10 })).toBeUndefined()
  expect(findSegment(lists, { around: { index: 20 } })).toBeUndefined()
  expect(findSegment([page([0, 1], {}, { before: false })], { last: 10, before: cursorOf(1) })).toMatchObject({
    hasPreviousPage: false,
  })
})

test('live messages do not let a list grow for ever, and what goes can be read again', () => {
  let lists: readonly Segment[] = [page([0], {}, { before: false })]
  for (let index = 1; index <= 5000; index++) lists = insertEntry(lists, entry(index))
  const [list] = lists
  expect(list!.entries).toHaveLength(2500)
  expect(list).toMatchObject({ from: 2501, to: endIndex, startCursor: cursorOf(2501) })
  expect(findSegment(lists, { last: 25 })?.hasPreviousPage).toBe(true)
})

test('what is truncated goes, and the history begins after it', () => {
  const lists = truncateSegments(
    [page(range(10, 20), { around: { index: 10 } }, { after: true }), page(range(50, 60))],
    55,
  )
  expect(indexesOf(lists)).toEqual([range(55, 60)])
  expect(findSegment(lists, { last: 25 })?.hasPreviousPage).toBe(false)
})
