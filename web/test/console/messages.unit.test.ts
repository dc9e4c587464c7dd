import { expect, test } from 'vitest'
import { breakable } from '../../src/console/kit/breakable.ts'
import { parseJump } from '../../src/console/views/messages/jump.ts'

const sid = `IM${'0'.repeat(32)}`

test('one jumps to an index, a SID, a day or a time, and to nothing else', () => {
  expect(parseJump('0')).toEqual({ index: 0 })
  expect(parseJump('1234567')).toEqual({ index: 1_234_567 })
  expect(parseJump(sid)).toEqual({ sid })
  expect(parseJump('2026-03-01T12:00:00Z')).toEqual({ moment: '2026-03-01T12:00:00.000Z' })
  expect(parseJump('2026-03-01')).toEqual({ moment: new Date('2026-03-01T00:00').toISOString() })
  for (const wrong of [
    '-1',
    '1.5',
    '12345678901',
    'yesterday',
    '2026-13-01',
    `CH${'0'.repeat(32)}`,
    sid.slice(0, -1),
  ]) {
    expect([wrong, parseJump(wrong)]).toEqual([wrong, undefined])
  }
})

test('a word without end is cut where its lines may break, and no other text is', () => {
  const text = `Where are the pallets of the second quarter? ${'W'.repeat(1000)}\n${'\u{1F989}'.repeat(150)} end`
  const pieces = breakable(text)
  expect(pieces.join('')).toBe(text)
  expect(pieces.every((piece) => piece.isWellFormed() && !/\S{101}/u.test(piece))).toBe(true)
  expect(breakable('Where are\n  the pallets?')).toEqual(['Where are\n  the pallets?'])
  expect(breakable('')).toEqual([''])
})
