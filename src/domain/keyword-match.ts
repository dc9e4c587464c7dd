import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import type { KeywordRule } from '../model/keyword-rule.ts'
import { Pacer } from './pacer.ts'
import { SequenceIndex } from './sequence-index.ts'

type Matching = Pick<KeywordRule, 'words' | 'pattern'>

/** Scripts that put no spaces between words: there a word is found within others. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/v

/** A word ends where such a script begins. */
const token = new RegExp(`${unspaced.source}+|[[\\p{L}\\p{M}\\p{N}\\p{Cf}_]--${unspaced.source}]+`, 'gv')

/** What is not seen, such as a space of no width, hides no word. */
const invisible = /\p{Cf}/gu

const fold = (text: string): string => text.normalize('NFKC').replace(invisible, '').toLowerCase()

/** What the rules of a service may take of the processor for one text. The longest text takes a tenth of that with a hundred usual ones. */
const applyMilliseconds = 1000

/**
 * RE2 takes time in proportion to the text and to the size of the pattern; compiling takes much longer than matching. To find all matches may
 * take the square of that, since each may have to look at the rest of the text: `.*b|a`.
 */
const compiledPatterns = new LRUCache<string, RE2JS>({
  max: 1000,
  maxSize: 200_000,
  sizeCalculation: (compiled) => compiled.programSize(),
})

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

/** The code units of a text, in which fragments are looked for. */
const unitsOf = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))

/** Rules made ready for any number of texts; each is named by its place among them. */
export class PreparedRules {
  readonly #patterns: readonly (string | null)[]
  readonly #phrases = new SequenceIndex<string>()
  readonly #fragments = new SequenceIndex<number>()

  private constructor(rules: readonly Matching[]) {
    this.#patterns = rules.map(({ pattern }) => pattern)
  }

  /** With the most rules and words this takes most of a second, so others have their turn meanwhile. */
  static async of(rules: readonly Matching[]): Promise<PreparedRules> {
    const prepared = new PreparedRules(rules)
    const pacer = new Pacer()
    for (const [place, { words, pattern }] of rules.entries()) {
      if (pattern !== null) compilePattern(pattern)
      if (pacer.isDue) await pacer.pause()
      for (const word of words) {
        if (unspaced.test(word)) prepared.#fragments.add(unitsOf(word), place)
        else prepared.#phrases.add(tokensOf(word), place)
        if (pacer.isDue) await pacer.pause()
      }
    }
    return prepared
  }

  /** About how many bytes it takes. */
  get size(): number {
    return 1000 + this.#phrases.size + this.#fragments.size
  }

  patternOf(place: number): RE2JS | undefined {
    const pattern = this.#patterns[place]
    return pattern == null ? undefined : compilePattern(pattern)
  }

  tokensIn(text: string): Token[] {
    const tokens: Token[] = []
    for (const { 0: written, index } of text.matchAll(token)) {
      const word = fold(written)
      if (word !== '') tokens.push({ id: this.#phrases.idOf(word), start: index, end: index + written.length })
    }
    return tokens
  }

  /** The rules that have a word in a text, after one walk over it. */
  withWordIn(text: MatchedText): ReadonlySet<number> {
    const phrases = this.#phrases.isEmpty ? new Set<number>() : this.#phrases.ownersIn(text.tokenIds)
    return this.#fragments.isEmpty ? phrases : phrases.union(this.#fragments.ownersIn(text.unitIds))
  }

  /** Calls with every place of a rule's words. */
  forEachWord(place: number, text: MatchedText, onFound: (start: number, end: number) => void): void {
    if (this.#phrases.hasAnyOf(place)) {
      const { tokens, tokenIds } = text
      this.#phrases.forEachOf(place, tokenIds, false, (start, length) =>
        onFound(tokens[start]!.start, tokens[start + length - 1]!.end),
      )
    }
    if (this.#fragments.hasAnyOf(place)) {
      this.#fragments.forEachOf(place, text.unitIds, true, (start, length) => onFound(start, start + length))
    }
  }

  unitIdsIn(text: string): Int32Array {
    const ids = new Int32Array(text.length)
    for (let at = 0; at < text.length; at++) ids[at] = this.#fragments.idOf(text.charCodeAt(at))
    return ids
  }
}

/** A word of a text, by its number among the words of all rules, and where it stands. */
interface Token {
  readonly id: number
  readonly start: number
  readonly end: number
}

/** A text that rules are tried on; it is taken apart once for all of them. */
export class MatchedText {
  readonly text: string
  readonly #rules: PreparedRules
  #tokens: readonly Token[] | undefined
  #tokenIds: Int32Array | undefined
  #unitIds: Int32Array | undefined
  #withWord: ReadonlySet<number> | undefined

  constructor(rules: PreparedRules, text: string, tokens?: readonly Token[]) {
    this.#rules = rules
    this.text = text
    this.#tokens = tokens
  }

  get tokens(): readonly Token[] {
    return (this.#tokens ??= this.#rules.tokensIn(this.text))
  }

  get tokenIds(): Int32Array {
    return (this.#tokenIds ??= Int32Array.from(this.tokens, ({ id }) => id))
  }

  get unitIds(): Int32Array {
    return (this.#unitIds ??= this.#rules.unitIdsIn(this.text))
  }

  matches(place: number): boolean {
    this.#withWord ??= this.#rules.withWordIn(this)
    return this.#withWord.has(place) || (this.#rules.patternOf(place)?.test(this.text) ?? false)
  }

  /** The text with a star for every character of every match. */
  async mask(place: number, pacer: Pacer): Promise<MatchedText> {
    const ranges = await this.#rangesOf(place, pacer)
    let masked = ''
    let end = 0
    for (const { start, end: to, stars } of ranges) {
      masked += this.text.slice(end, start) + '*'.repeat(stars)
      end = to
    }
    return new MatchedText(this.#rules, masked + this.text.slice(end), this.#tokens && this.#tokensWithout(ranges))
  }

  /** What a rule matches: in order, and what overlaps as one. */
  async #rangesOf(place: number, pacer: Pacer): Promise<MaskedRange[]> {
    const furthest = new Int32Array(this.text.length)
    const onFound = (start: number, end: number): void => {
      if (end > start) furthest[start] = Math.max(furthest[start]!, end)
    }
    this.#rules.forEachWord(place, this, onFound)
    const matcher = this.#rules.patternOf(place)?.matcher(this.text)
    while (matcher?.find()) {
      onFound(matcher.start(), matcher.end())
      if (pacer.isDue) await pacer.pause()
    }
    const ranges: MaskedRange[] = []
    let end = 0
    for (let from = 0; from < furthest.length; from++) {
      const to = furthest[from]!
      if (to <= end) continue
      const start = Math.max(from, end)
      ranges.push({ start, end: to, stars: Array.from(this.text.slice(start, to)).length })
      end = to
    }
    return ranges
  }

  /** The tokens of the masked text. Only those that a range cuts into are read again. */
  #tokensWithout(ranges: readonly MaskedRange[]): Token[] {
    const tokens: Token[] = []
    let next = 0
    let shift = 0
    for (const { id, start, end } of this.tokens) {
      let at = start
      while (at < end) {
        const range = ranges[next]
        const to = Math.min(range?.start ?? end, end)
        if (at === start && to === end) tokens.push({ id, start: start - shift, end: end - shift })
        else if (at < to) {
          for (const part of this.#rules.tokensIn(this.text.slice(at, to))) {
            tokens.push({ id: part.id, start: part.start + at - shift, end: part.end + at - shift })
          }
        }
        if (!range || range.start >= end) break
        at = Math.max(at, range.end)
        if (range.end > end) break
        shift += range.end - range.start - range.stars
        next++
      }
    }
    return tokens
  }
}

/** A part of a text that is masked, and with how many stars. */
interface MaskedRange {
  readonly start: number
  readonly end: number
  readonly stars: number
}

export interface RuleOutcome {
  readonly refusedBy: KeywordRule | undefined
  readonly body: string
  readonly flaggedBy: readonly KeywordRule[]
}

/** About so many bytes, twice what 100,000 usual words take. One service may have more, and is kept alone then. */
const preparedBytes = 100_000_000

/** By the SIDs of the rules, which never change, since services are read again all the time. */
const preparedRules = new LRUCache<string, PreparedRules, readonly KeywordRule[]>({
  maxSize: preparedBytes,
  sizeCalculation: ({ size }) => Math.min(size, preparedBytes),
  fetchMethod: (_ids, _stale, { context }) => PreparedRules.of(context),
})

/** What a service's rules make of a text, each in its turn. Throws `TooLong` for a text that they take too long for. */
export async function applyRules(rules: readonly KeywordRule[], body: string): Promise<RuleOutcome> {
  const prepared = await preparedRules.forceFetch(rules.map(({ id }) => id).join(), { context: rules })
  let text = new MatchedText(prepared, body)
  const flaggedBy: KeywordRule[] = []
  const pacer = new Pacer(applyMilliseconds)
  for (const [place, rule] of rules.entries()) {
    if (pacer.isDue) await pacer.pause()
    if (!text.matches(place)) continue
    if (rule.action === 'refuse') return { refusedBy: rule, body, flaggedBy }
    if (rule.action === 'flag') flaggedBy.push(rule)
    else text = await text.mask(place, pacer)
  }
  return { refusedBy: undefined, body: text.text, flaggedBy }
}
