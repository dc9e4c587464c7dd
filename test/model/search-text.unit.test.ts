import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findMatches, parseSearchQuery } from '../../src/model/search-query.ts'
import { tokenizerOf } from '../../src/model/search-text.ts'

const textsOf = (language: string, text: string): string[] =>
  tokenizerOf(language)
    .tokenize(text)
    .map((token) => token.text)

describe('tokens', () => {
  test.each([
    ['en', 'Hello, WORLD_wide 2nd', ['hello', 'world', 'wide', '2nd']],
    ['en', 'Straße ΟΔΟΣ', ['strasse', 'οδοσ']],
    ['de', 'Ärger', ['arger']],
    ['sv', 'Ärger', ['ärger']],
    ['en', 'Ionian', ['ionian']],
    ['tr', 'IŞIK İzmir', ['ışık', 'izmir']],
    ['en', 'اَلْعَرَبِيَّة', ['العربية']],
    ['ja', '東京都 ﾊﾟﾝ', ['東京', '京都', '都', 'パン', 'ン']],
    ['th', 'ดี', ['ดี']],
    ['en', '👩‍💻', ['👩', '💻']],
    ['en', 'not a language' + '\u00ad', ['not', 'a', 'language']],
    ['not a language', 'Word', ['word']],
    ['en', ' \n-"*', []],
  ])('%s %j', (language, text, expected) => {
    expect(textsOf(language, text)).toEqual(expected)
  })

  test('of any text have places in it, one after the other, and nothing in them that a query would have to escape', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        let start = -1
        for (const token of tokenizerOf('en').tokenize(text)) {
          expect(token.text).toMatch(/^[^'\\\s:*&|!<>()]{1,64}$/u)
          expect(token.start).toBeGreaterThan(start)
          expect(token.end).toBeGreaterThan(token.start)
          expect(token.headEnd).toBeLessThanOrEqual(token.end)
          expect(text.slice(token.start, token.end).isWellFormed()).toBe(true)
          start = token.start
        }
      }),
    )
  })

  test('of the longest text take little time', () => {
    for (const text of [
      'a '.repeat(16_384),
      'é'.repeat(16_384),
      '東'.repeat(10_922),
      `a${'\u0301'.repeat(16_000)}`,
      '👍'.repeat(8192),
    ]) {
      const began = process.cpuUsage().user
      tokenizerOf('en').tokenize(text)
      // Microseconds: many times what it takes, and far from what a square of the length would.
      expect(process.cpuUsage().user - began).toBeLessThan(2_000_000)
    }
  })
})

test('a text is found by any part of it that is a query, and the highlights are that part', () => {
  const unit = fc.constantFrom('a', 'b', 'é', 'İ', '東', '京', ' ', '-', '"', '👍', 'ß')
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 30 }), fc.nat(29), fc.nat(29), (units, one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other) + 1]
      // From one word to another: a part of a word is another word.
      const tokenizer = tokenizerOf('en')
      const text = units.join('')
      const all = tokenizer.tokenize(text).slice(from, to)
      const [first, last] = [all[0], all.at(-1)]
      if (!first || !last) return
      const part = text.slice(first.start, last.end).replaceAll('"', ' ')
      const query = parseSearchQuery(`"${part}"`, tokenizer)
      const ranges = findMatches(tokenizer.tokenize(text), query)
      expect(ranges?.some(({ start, end }) => start <= first.start && end >= last.end)).toBe(true)
    }),
  )
})
