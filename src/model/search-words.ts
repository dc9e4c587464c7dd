import { unspacedCharacters } from './search-text.ts'

/**
 * The words of a channel, from which a search that finds nothing takes similar ones. They stand in buckets of words of the same length, since what
 * is similar to a word is about as long, and of one length there are a few buckets, so that a word is looked for in one of them.
 */

/** In characters. */
const minLength = 2
const maxLength = 32
const bucketsOfLength = 4

/** Names of things that nobody types have many digits. */
const maxDigits = 4

/** What is looked for instead of one word, at most. */
const maxSimilar = 20

const spaced = new RegExp(
  String.raw`^(?=.*\p{L})(?!(?:.*\p{N}){${maxDigits + 1}})[[\p{L}\p{N}\p{M}]--[${unspacedCharacters}]]{${minLength},${maxLength}}$`,
  'v',
)
const digit = /\p{N}/u
/** Scripts of syllables: two characters are as much as three to six letters. */
const syllables = /^[\p{sc=Hang}\p{sc=Ethi}]+$/u

/** Whether similar words are looked for, and whether it is one of those. */
export const isWord = (text: string): boolean => text.length <= 2 * maxLength && spaced.test(text)

const lengthOf = (word: string): number => Array.from(word).length

/** Where a word stands. */
export function bucketOf(word: string): number {
  let hash = 0
  for (let at = 0; at < word.length; at++) hash = (hash * 31 + word.charCodeAt(at)) >>> 0
  return lengthOf(word) * bucketsOfLength + (hash % bucketsOfLength)
}

interface Piece {
  readonly text: string
  /** Where in the word it is. */
  readonly place: 'start' | 'middle' | 'end'
}

/** How to find words that are similar to one: a superset of them, which `pickSimilar` reads. */
export interface SimilarTo {
  readonly word: string
  /** The buckets of words that are long enough, and of those that are not too long to be misspelled. */
  readonly firstBucket: number
  readonly lastBucket: number
  /** Of a misspelled word one of these is left. */
  readonly pieces: readonly Piece[]
  /** Whether words are similar that have this one as a part. */
  readonly isPart: boolean
}

/** Undefined of a word that is too short. */
export function similarTo(word: string): SimilarTo | undefined {
  const length = lengthOf(word)
  const errors = errorsOf(word)
  const isPart = length >= (syllables.test(word) ? 2 : 3)
  if (errors === 0 && !isPart) return undefined
  return {
    word,
    firstBucket: Math.max(minLength, length - errors) * bucketsOfLength,
    lastBucket: (length + errors + 1) * bucketsOfLength - 1,
    pieces: piecesOf(word, errors),
    isPart,
  }
}

/** How many misspellings are forgiven. A number is another one. */
function errorsOf(word: string): number {
  const length = lengthOf(word)
  if (length < 3 || digit.test(word)) return 0
  return length < 8 ? 1 : 2
}

/** Each error spoils one piece of one more, also where two characters are swapped: between the pieces is one that belongs to none. */
function piecesOf(word: string, errors: number): Piece[] {
  if (errors === 0) return []
  const characters = Array.from(word)
  const size = (characters.length - errors) / (errors + 1)
  return Array.from({ length: errors + 1 }, (_, at) => {
    const start = Math.round(at * size) + at
    const text = characters.slice(start, Math.round((at + 1) * size) + at).join('')
    return { text, place: at === 0 ? 'start' : at === errors ? 'end' : 'middle' }
  })
}

/** Of these words the most similar ones: with one error, then with the word as a part, the shorter ones first, then with more errors. */
export function pickSimilar({ word, isPart, pieces }: SimilarTo, words: readonly string[]): string[] {
  const errors = errorsOf(word)
  const mayBe = (other: string): boolean =>
    (isPart && other.includes(word)) ||
    pieces.some(({ text, place }) =>
      place === 'start' ? other.startsWith(text) : place === 'end' ? other.endsWith(text) : other.includes(text),
    )
  const ranked: { readonly other: string; readonly rank: number }[] = []
  for (const other of new Set(words.filter(mayBe))) {
    if (other === word) continue
    const distance = errors > 0 && !digit.test(other) ? distanceOf(word, other, errors) : Infinity
    if (distance <= 1) ranked.push({ other, rank: 0 })
    else if (isPart && other.includes(word)) ranked.push({ other, rank: lengthOf(other) })
    else if (distance <= errors) ranked.push({ other, rank: maxLength + distance })
  }
  return ranked
    .sort((one, two) => one.rank - two.rank || (one.other < two.other ? -1 : 1))
    .slice(0, maxSimilar)
    .map(({ other }) => other)
}

/** Characters that are missing, superfluous, wrong, or swapped with the next; Infinity when there are more than `max`. */
function distanceOf(one: string, other: string, max: number): number {
  const from = Array.from(one)
  const to = Array.from(other)
  if (Math.abs(from.length - to.length) > max) return Infinity
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      let least = Math.min(last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1))
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        least = Math.min(least, before[column - 2]! + 1)
      }
      next.push(least)
    }
    before = last
    last = next
  }
  const distance = last[to.length]!
  return distance <= max ? distance : Infinity
}
