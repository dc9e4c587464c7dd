import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import type { KeywordRule } from '../model/keyword-rule.ts'

type Matching = Pick<KeywordRule, 'words' | 'pattern'> & Partial<Pick<KeywordRule, 'id'>>

/** Where a match is, as places in the text. */
type Range = readonly [start: number, end: number]

/** Scripts that put no spaces between words: there a word is found within others. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/v

/** A word ends where such a script begins. */
const token = new RegExp(`${unspaced.source}+|[[\\p{L}\\p{M}\\p{N}\\p{Cf}_]--${unspaced.source}]+`, 'gv')

/** What is not seen, such as a space of no width, hides no word. */
const invisible = /\p{Cf}/gu

const fold = (text: string): string => text.normalize('NFKC').replace(invisible, '').toLowerCase()

interface Words {
  /** By their first token: what may follow it. */
  readonly phrases: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly fragments: readonly string[]
}

/**
 * By the rule, which never changes, since services are read again all the time; of a rule that is only tried, by its list. So many
 * words in all.
 */
const compiledWords = new LRUCache<string | readonly string[], Words>({ maxSize: 500_000 })

/** RE2 takes time in proportion to the text, whatever the pattern; compiling takes much longer than matching. */
const compiledPatterns = new LRUCache<string, RE2JS>({ max: 1000 })

function compileWords({
  words,
  id = words,
}: {
  words: readonly string[]
  id?: string | readonly string[] | undefined
}): Words {
  let compiled = compiledWords.get(id)
  if (!compiled) {
    const phrases = words.filter((word) => !unspaced.test(word)).map(tokensOf)
    compiled = {
      phrases: Map.groupBy(
        phrases.filter(({ length }) => length > 0),
        ([first]) => first!,
      ),
      fragments: words.filter((word) => unspaced.test(word)),
    }
    compiledWords.set(id, compiled, { size: words.length })
  }
  return compiled
}

/** The words of a text as they are compared; none where it has none. */
export function tokensOf(text: string): string[] {
  return [...text.matchAll(token)].map(([word]) => fold(word)).filter((word) => word !== '')
}

/** Throws what is wrong with a pattern. */
export function compilePattern(pattern: string): RE2JS {
  let compiled = compiledPatterns.get(pattern)
  if (!compiled) {
    compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE)
    compiledPatterns.set(pattern, compiled)
  }
  return compiled
}

/** A text that rules are tried on; it is taken apart once for all of them. */
export class MatchedText {
  readonly text: string
  #tokens: { readonly word: string; readonly start: number; readonly end: number }[] | undefined

  constructor(text: string) {
    this.text = text
  }

  matches(rule: Matching): boolean {
    const { words, pattern } = rule
    if (pattern !== null && compilePattern(pattern).test(this.text)) return true
    return words.length > 0 && !this.#wordRanges(rule).next().done
  }

  /** The text with a star for every character of every match. */
  mask(rule: Matching): string {
    const ranges = [...this.#wordRanges(rule), ...this.#patternRanges(rule.pattern)].sort((a, b) => a[0] - b[0])
    let masked = ''
    let end = 0
    for (const [from, to] of ranges) {
      if (to <= end) continue
      const start = Math.max(from, end)
      masked += this.text.slice(end, start) + '*'.repeat(Array.from(this.text.slice(start, to)).length)
      end = to
    }
    return masked + this.text.slice(end)
  }

  *#patternRanges(pattern: string | null): Generator<Range> {
    if (pattern === null) return
    const matcher = compilePattern(pattern).matcher(this.text)
    while (matcher.find()) if (matcher.end() > matcher.start()) yield [matcher.start(), matcher.end()]
  }

  *#wordRanges(rule: Matching): Generator<Range> {
    if (rule.words.length === 0) return
    const { phrases, fragments } = compileWords(rule)
    this.#tokens ??= [...this.text.matchAll(token)]
      .map(({ 0: word, index }) => ({ word: fold(word), start: index, end: index + word.length }))
      .filter(({ word }) => word !== '')
    const tokens = this.#tokens
    for (const [at, { word, start }] of tokens.entries()) {
      for (const phrase of phrases.get(word) ?? []) {
        if (phrase.every((part, next) => tokens[at + next]?.word === part)) {
          yield [start, tokens[at + phrase.length - 1]!.end]
        }
      }
    }
    for (const fragment of fragments) {
      for (let at = this.text.indexOf(fragment); at !== -1; at = this.text.indexOf(fragment, at + fragment.length)) {
        yield [at, at + fragment.length]
      }
    }
  }
}

export interface RuleOutcome {
  readonly refusedBy: KeywordRule | undefined
  readonly body: string
  readonly flaggedBy: readonly KeywordRule[]
}

/** What a service's rules make of a text, each in its turn. */
export function applyRules(rules: readonly KeywordRule[], body: string): RuleOutcome {
  let text = new MatchedText(body)
  const flaggedBy: KeywordRule[] = []
  for (const rule of rules) {
    if (!text.matches(rule)) continue
    if (rule.action === 'refuse') return { refusedBy: rule, body, flaggedBy }
    if (rule.action === 'flag') flaggedBy.push(rule)
    else text = new MatchedText(text.mask(rule))
  }
  return { refusedBy: undefined, body: text.text, flaggedBy }
}
