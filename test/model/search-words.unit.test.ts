import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf, isWord, pickSimilar, similarTo } from '../../src/model/search-words.ts'

test.each([
  ['fxo', ['fox', 'fax', 'fish'], ['fox']],
  [
    'word',
    ['words', 'wrd', 'wrod', 'ward', 'wrds', 'sword', 'crossword'],
    ['sword', 'ward', 'words', 'wrd', 'wrod', 'crossword'],
  ],
  ['documnet', ['document', 'documents', 'dokument', 'docs'], ['document', 'documents', 'dokument']],
  ['bericht', ['quartalsberichte', 'monatsbericht', 'berichte'], ['berichte', 'monatsbericht', 'quartalsberichte']],
  ['보고', ['월간보고서', '보고', '보'], ['월간보고서']],
  ['phone5', ['phone6', 'iphone55', 'iphone5'], ['iphone5', 'iphone55']],
])('similar to %s of %j is %j', (word, words, expected) => {
  expect(pickSimilar(similarTo(word)!, words)).toEqual(expected)
})

test('words that are too short have no similar ones, and there are at most twenty', () => {
  expect(['ab', 'a', '5'].map(similarTo)).toEqual([undefined, undefined, undefined])
  const words = Array.from({ length: 100 }, (_, at) => `${at}word`)
  expect(pickSimilar(similarTo('word')!, words)).toHaveLength(20)
})

test.each([
  ['word', true],
  ['2nd', true],
  ['보고', true],
  ['a', false],
  ['12', false],
  ['a12345', false],
  ['x'.repeat(33), false],
  ['東京', false],
  ['👍👍', false],
])('%j is a word: %s', (text, expected) => {
  expect(isWord(text)).toBe(expected)
})

/** What LIKE does. */
const isLike = (word: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replaceAll('%', '.*')}$`, 'u').test(word)

const character = fc.constantFrom('a', 'b', 'c', '𐐨')
const word = fc.array(character, { minLength: 3, maxLength: 14 })
const error = fc.record({ kind: fc.constantFrom('miss', 'add', 'change', 'swap'), at: fc.nat(20), with: character })

test('whatever the errors, the patterns find the word, in a bucket that is read', () => {
  fc.assert(
    fc.property(word, fc.array(error, { minLength: 1, maxLength: 2 }), (right, errors) => {
      const wrong = [...right]
      for (const { kind, at, with: other } of errors.slice(0, right.length < 10 ? 1 : 2)) {
        const place = at % (wrong.length - 1)
        if (kind === 'miss') wrong.splice(place, 1)
        else if (kind === 'add') wrong.splice(place, 0, other)
        else if (kind === 'change') wrong[place] = other
        else wrong.splice(place, 2, wrong[place + 1]!, wrong[place]!)
      }
      fc.pre(wrong.length >= 3 && wrong.join('') !== right.join(''))
      const asked = similarTo(wrong.join(''))!
      const searched = right.join('')
      expect(pickSimilar(asked, [searched])).toEqual([searched])
      expect(asked.pieces.some((piece) => isLike(searched, piece))).toBe(true)
      expect(bucketOf(searched)).toBeGreaterThanOrEqual(asked.firstBucket)
      expect(bucketOf(searched)).toBeLessThanOrEqual(asked.lastBucket)
    }),
  )
})
