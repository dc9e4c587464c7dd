import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCursor, toCursor } from '../../src/model/cursor.ts'
import { ChatError } from '../../src/model/error.ts'
import { newSid } from '../../src/model/sid.ts'

const position = fc.record({
  index: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  seq: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
})

test('a cursor gives the place back that it was made from', () => {
  const channelId = newSid('CH')
  fc.assert(
    fc.property(position, (place) => {
      expect(parseCursor(channelId, toCursor(channelId, place))).toEqual(place)
    }),
  )
})

test('a cursor of another channel is refused', () => {
  const [one, other] = [newSid('CH'), newSid('CH')]
  fc.assert(
    fc.property(position, (place) => {
      expect(() => parseCursor(other, toCursor(one, place))).toThrow('belongs to another channel')
    }),
  )
})

test('what is no cursor is refused and never taken for a place', () => {
  const channelId = newSid('CH')
  const near = fc.stringMatching(/^[0-9a-f.z-]{0,40}$/).map((text) => `${channelId.slice(-8)}.${text}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      try {
        const { index, seq } = parseCursor(channelId, text)
        expect(Number.isSafeInteger(index) && index >= -1 && Number.isSafeInteger(seq) && seq >= 0).toBe(true)
      } catch (error) {
        if (!(error instanceof ChatError)) throw error
      }
    }),
  )
})
