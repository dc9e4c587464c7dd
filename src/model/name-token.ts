import { limits } from './limits.ts'

/** Letters that have no decomposition, as people write them who do not have the key. */
const plainLetters: Readonly<Record<string, string>> = {
  ı: 'i',
  ς: 'σ',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
}

/**
 * What makes no difference when a name is looked for: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, joiners and variation
 * selectors. Marks of other scripts are vowels or make another letter of one.
 */
const ignoredMarks =
  // oxlint-disable-next-line no-misleading-character-class -- each stands for itself
  /[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f]/g

/**
 * The form in which names are compared. It does not depend on a language, so that nothing must be written anew when a service changes its own:
 * all of the letters I, dotted or not, are one.
 */
export function foldName(text: string): string {
  return (
    text
      .normalize('NFKC')
      // Each way round, since ẞ has no capital and ß has one of two letters.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(ignoredMarks, '')
      .replace(/[ıςøłđðħþæœ]/g, (letter) => plainLetters[letter]!)
      .normalize('NFC')
  )
}

const words = /[\p{L}\p{M}\p{N}]+|[\p{Extended_Pictographic}\p{RI}]/gu

/** Runs of scripts that are written without spaces, or, as Hangul, whose names are. */
const denseRuns =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]+/gu

const dense = new RegExp(`^${denseRuns.source}$`, 'u')

/** The words of a text, with dense runs by themselves. */
function piecesOf(text: string): string[] {
  const found = foldName(text).match(words) ?? []
  return found.flatMap((word) => word.replace(denseRuns, ' $& ').split(' ').filter(Boolean))
}

const cut = (text: string): string => Array.from(text).slice(0, limits.nameTokenLength).join('')

function pairsOf(run: string): string[] {
  const characters = Array.from(run)
  return characters.slice(1).map((character, at) => characters[at]! + character)
}

/** What a user is found by: the words of its name and its identity, and of dense runs each two characters that follow each other. */
export function nameTokens(identity: string, friendlyName: string | null): string[] {
  const tokens = new Set<string>()
  for (const piece of [...piecesOf(friendlyName ?? ''), ...piecesOf(identity)]) {
    if (dense.test(piece)) for (const token of [...pairsOf(piece), Array.from(piece).at(-1)!]) tokens.add(token)
    else tokens.add(cut(piece))
  }
  // Of nothing but punctuation.
  if (tokens.size === 0) tokens.add(cut(foldName(identity)) || cut(identity))
  return [...tokens].slice(0, limits.nameTokens)
}

/** What tokens of a name must begin with, each word at least one of them: the longest first. Empty for nothing to look for. */
export function searchPrefixes(search: string): string[] {
  const prefixes = new Set<string>()
  for (const piece of piecesOf(search)) {
    const pairs = dense.test(piece) ? pairsOf(piece) : []
    for (const prefix of pairs.length > 0 ? pairs : [cut(piece)]) prefixes.add(prefix)
  }
  if (prefixes.size === 0) {
    const whole = cut(foldName(search).trim())
    if (whole !== '') prefixes.add(whole)
  }
  const all = [...prefixes]
  return all
    .filter((prefix) => !all.some((other) => other !== prefix && other.startsWith(prefix)))
    .sort((one, other) => other.length - one.length)
}
