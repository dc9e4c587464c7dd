import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { PlainText } from '../../src/console/kit/plain-text.tsx'
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

test('a word without end is laid out without kerning, and no other text is; each is there whole', () => {
  const shown = (text: string): string => renderToStaticMarkup(createElement(PlainText, { text }))
  const text = `Where are the pallets of the second quarter? ${'W'.repeat(1000)}\n${'\u{1F989}'.repeat(150)} end`
  expect(shown(text)).toBe(`<p class="plain-text" dir="auto" data-unbroken="true">${text}</p>`)
  expect(shown('Where are\n  the pallets?')).toBe('<p class="plain-text" dir="auto">Where are\n  the pallets?</p>')
  expect(shown('')).toBe('<p class="plain-text" dir="auto"></p>')
})
