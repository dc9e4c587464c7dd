import fc from 'fast-check'
import { expect, test } from 'vitest'
import { origin, parseCursor, toCursor, type Position } from '../../src/model/cursor.ts'
import { ChatError } from '../../src/model/error.ts'
import { newSid } from '../../src/model/sid.ts'

const channelId = newSid('CH')
const position = fc.record({
  index: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  seq: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
})

/** Milliseconds since the epoch. */
const history = fc.integer({ min: Date.UTC(2024), max: Date.UTC(2059) })

test('a cursor says where it was made, and in which history', () => {
  fc.assert(
    fc.property(position, history, (place, beganAt) => {
      expect(parseCursor(channelId, toCursor(channelId, place, beganAt), 'after')).toEqual({
        ...place,
        history: beganAt,
      })
    }),
  )
})

test('a cursor of a version that knew no histories is one still', () => {
  expect(parseCursor(channelId, `${channelId.slice(-8)}.a.z`, 'after')).toEqual({ index: 10, seq: 35 })
})

test('a cursor of another channel is refused', () => {
  fc.assert(
    fc.property(position, history, (place, beganAt) => {
      expect(() => parseCursor(newSid('CH'), toCursor(channelId, place, beganAt), 'after')).toThrow('another channel')
    }),
  )
})

test('no text is taken for a cursor with numbers that are none', () => {
  const tail = channelId.slice(-8)
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('-', '0', '1', '9', 'a', 'z', '.') }).map((rest) => `${tail}.${rest}`),
    fc.tuple(fc.bigInt(), fc.bigInt()).map(([index, seq]) => `${tail}.${index.toString(36)}.${seq.toString(36)}`),
  )
  fc.assert(
    fc.property(text, (cursor) => {
      const { index, seq } = parseOrRefuse(cursor)
      expect([Number.isSafeInteger(index), Number.isSafeInteger(seq)]).toEqual([true, true])
      expect([index >= -1, seq >= 0]).toEqual([true, true])
    }),
    { numRuns: 2000 },
  )
})

/** Any other error than the documented refusal fails the test. */
function parseOrRefuse(cursor: string): Position {
  try {
    return parseCursor(channelId, cursor, 'after')
  } catch (error) {
    if (error instanceof ChatError && error.code === 'BAD_USER_INPUT') return origin
    throw error
  }
}
