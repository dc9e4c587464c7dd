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

const character = fc.constantFrom('a', 'b', 'c', '𐐨')
const word = fc.array(character, { minLength: 3, maxLength: 14 })
const error = fc.record({ kind: fc.constantFrom('miss', 'add', 'change', 'swap'), at: fc.nat(20), with: character })

test('whatever the errors, the word is found, in a bucket that is read', () => {
  fc.assert(
    fc.property(word, error, fc.option(error), (right, one, two) => {
      const wrong = [...right]
      const isLong = two !== null && right.length >= 10
      // Errors in one place could count as more: the second one is near the beginning, and the first near the end.
      const errors = isLong
        ? [
            { ...one, at: right.length - 2 - (one.at % 4) },
            { ...two, at: two.at % 4 },
          ]
        : [one]
      for (const { kind, at, with: other } of errors) {
        const place = at % (right.length - 1)
        if (kind === 'miss') wrong.splice(place, 1)
        else if (kind === 'add') wrong.splice(place, 0, other)
        else if (kind === 'change') wrong[place] = other
        else wrong.splice(place, 2, wrong[place + 1]!, wrong[place]!)
      }
      fc.pre(wrong.length >= 3 && wrong.join('') !== right.join(''))
      const asked = similarTo(wrong.join(''))!
      const searched = right.join('')
      expect(pickSimilar(asked, [searched])).toEqual([searched])
      expect(bucketOf(searched)).toBeGreaterThanOrEqual(asked.firstBucket)
      expect(bucketOf(searched)).toBeLessThanOrEqual(asked.lastBucket)
    }),
  )
})
