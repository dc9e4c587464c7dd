import { badInput } from './error.ts'
import { limits } from './limits.ts'
import type { Token, Tokenizer } from './search-text.ts'

/** Tokens that follow each other in a message. */
export interface Phrase {
  /** Each one as it was typed, and what may stand for it. */
  readonly tokens: readonly (readonly string[])[]
  /** Whether its last token may be the beginning of one. */
  readonly isPrefix: boolean
  /** Whether the last token is a single character of a script without spaces, which begins tokens of two. */
  readonly isCharacter: boolean
  /** Whether it stands in quotation marks, and is to be found as it is. */
  readonly isQuoted: boolean
}

/** What a message must have, all of it, and what it must not have. */
export interface SearchQuery {
  readonly wanted: readonly Phrase[]
  readonly excluded: readonly Phrase[]
}

/** A part of a text, in UTF-16 code units. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** `"a phrase"`, `word`, and either with `-` before it. A quotation mark without a second one reaches to the end. */
const items = /(-?)(?:["“”]([^"“”]*)["“”]?|([^\s"“”]+))/gu

/** Reads what a person has typed. Throws BAD_USER_INPUT when there is nothing to look for, or too much. */
export function parseSearchQuery(text: string, tokenizer: Tokenizer): SearchQuery {
  const phrases = new Map<string, Phrase & { readonly isExcluded: boolean }>()
  let count = 0
  for (const { 0: item, 1: minus, 2: quoted, 3: word, index } of text.matchAll(items)) {
    const isExcluded = minus !== ''
    const isTyped = !isExcluded && quoted === undefined && index + item.length === text.length
    const phrase = toPhrase(tokenizer.tokenize(quoted ?? word ?? ''), isTyped, quoted !== undefined)
    if (!phrase) continue
    count += phrase.tokens.length
    if (count > limits.searchTokens)
      throw badInput(`query must not have more than ${limits.searchTokens} words`, 'query')
    phrases.set(JSON.stringify([isExcluded, phrase]), { ...phrase, isExcluded })
  }
  const all = [...phrases.values()]
  const wanted = all.filter(({ isExcluded }) => !isExcluded)
  if (wanted.length === 0) throw badInput('query must have a word to look for', 'query')
  return { wanted, excluded: all.filter(({ isExcluded }) => isExcluded) }
}

function toPhrase(tokens: readonly Token[], isTyped: boolean, isQuoted: boolean): Phrase | undefined {
  const last = tokens.at(-1)
  if (!last) return undefined
  // Only within a text does a run end where it ends here.
  const isLongRun = last.isRunEnd && tokens.at(-2)?.isUnspaced === true && !tokens.at(-2)!.isRunEnd
  const used = isLongRun ? tokens.slice(0, -1) : tokens
  const isCharacter = last.isRunEnd && !isLongRun
  const isPrefix = isCharacter || (isTyped && !last.isUnspaced)
  return { tokens: used.map(({ text }) => [text]), isPrefix, isCharacter, isQuoted }
}

/** Where a text has what a query wants, or undefined when it does not match. Ranges neither overlap nor touch. */
export function findMatches(tokens: readonly Token[], { wanted, excluded }: SearchQuery): TextRange[] | undefined {
  if (excluded.some((phrase) => occurrences(tokens, phrase, 1).length > 0)) return undefined
  const ranges: TextRange[] = []
  for (const phrase of wanted) {
    const found = occurrences(tokens, phrase, limits.searchHighlights)
    if (found.length === 0) return undefined
    ranges.push(...found)
  }
  return unite(ranges).slice(0, limits.searchHighlights)
}

function occurrences(tokens: readonly Token[], phrase: Phrase, max: number): TextRange[] {
  const { tokens: wanted, isPrefix, isCharacter } = phrase
  const last = wanted.length - 1
  const found: TextRange[] = []
  for (let at = 0; at + last < tokens.length && found.length < max; at++) {
    const isThere = wanted.every((texts, offset) => {
      const token = tokens[at + offset]!
      return offset === last && isPrefix
        ? token.isUnspaced === isCharacter && texts.some((text) => token.text.startsWith(text))
        : texts.includes(token.text)
    })
    if (!isThere) continue
    const end = tokens[at + last]!
    found.push({ start: tokens[at]!.start, end: isCharacter ? end.headEnd : end.end })
  }
  return found
}

function unite(ranges: readonly TextRange[]): TextRange[] {
  const united: TextRange[] = []
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const before = united.at(-1)
    if (before && range.start <= before.end) {
      united[united.length - 1] = { start: before.start, end: Math.max(before.end, range.end) }
    } else united.push(range)
  }
  return united
}
