import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import type { KeywordRule } from '../../model/keyword-rule.ts'
import { Pacer } from './pacer.ts'
import { SequenceIndex } from './sequence-index.ts'

type Matching = Pick<KeywordRule, 'words' | 'pattern'>

/** Scripts without spaces between words: in them, a word is found within others. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/v

/** A word ends where such a script begins. */
const token = new RegExp(`${unspaced.source}+|[[\\p{L}\\p{M}\\p{N}\\p{Cf}_]--${unspaced.source}]+`, 'gv')

/** Invisible characters, such as a space without width, hide no word. */
const invisible = /\p{Cf}/gu

/** The word at the end of a text, perhaps empty: it may go on. */
const lastWord = /[\p{L}\p{M}\p{N}\p{Cf}_]*$/v

/** In how much of the end of a text words in the making are looked for, in UTF-16 code units. */
const tailLength = 2048

const fold = (text: string): string => text.normalize('NFKC').replace(invisible, '').toLowerCase()

/** Processor time that the rules of a service may take for one text. A hundred usual rules take a tenth of it for the longest text. */
const applyMilliseconds = 1000

/**
 * Compiling takes much longer than matching, which takes time in proportion to the text and to the size of the pattern. Finding all
 * matches may take time in proportion to the square of the text, since each may read all that is left: `.*b|a`.
 */
const compiledPatterns = new LRUCache<string, RE2JS>({
  max: 1000,
  maxSize: 200_000,
  sizeCalculation: (compiled) => compiled.programSize(),
})

/** The words of a text, in the form in which they are compared. */
export function tokensOf(text: string): string[] {
  return [...text.matchAll(token)].map(([word]) => fold(word)).filter((word) => word !== '')
}

/** Throws when a pattern is wrong. */
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

/** Rules prepared for any number of texts. Each is identified by its index among them. */
export class PreparedRules {
  readonly #patterns: readonly (string | null)[]
  readonly #phrases = new SequenceIndex<string>()
  readonly #fragments = new SequenceIndex<number>()

  private constructor(rules: readonly Matching[]) {
    this.#patterns = rules.map(({ pattern }) => pattern)
  }

  /** Takes most of a second for the largest number of words, so it pauses for other work. */
  static async of(rules: readonly Matching[]): Promise<PreparedRules> {
    const prepared = new PreparedRules(rules)
    const pacer = new Pacer()
    for (const [ruleIndex, { words, pattern }] of rules.entries()) {
      if (pattern !== null) compilePattern(pattern)
      if (pacer.isDue) await pacer.pause()
      for (const word of words) {
        if (unspaced.test(word)) prepared.#fragments.add(unitsOf(word), ruleIndex)
        else prepared.#phrases.add(tokensOf(word), ruleIndex)
        if (pacer.isDue) await pacer.pause()
      }
    }
    return prepared
  }

  /** Approximate memory, in bytes. */
  get size(): number {
    return 1000 + this.#phrases.size + this.#fragments.size
  }

  patternOf(ruleIndex: number): RE2JS | undefined {
    const pattern = this.#patterns[ruleIndex]
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

  /** Finds the rules of which a word occurs, in one walk over the text. */
  rulesWithWordIn(text: MatchedText): ReadonlySet<number> {
    const phrases = this.#phrases.isEmpty ? new Set<number>() : this.#phrases.ownersIn(text.tokenIds)
    return this.#fragments.isEmpty ? phrases : phrases.union(this.#fragments.ownersIn(text.unitIds))
  }

  /**
   * Where that begins which more text could make a word of a rule: the last word, and before it all that is made of parts of phrases and of fragments. It is in
   * the middle of no match.
   */
  undecidedFrom(text: string): number {
    const tailAt = Math.max(0, text.length - tailLength)
    const tail = text.slice(tailAt)
    const tokens = this.tokensIn(tail)
    const hasPhrases = this.#phrases.maxLength > 1
    let next = tokens.length
    let at = tail.search(lastWord)
    for (let before = -1; before !== at;) {
      before = at
      while (at > 0 && this.#fragments.idOf(tail.charCodeAt(at - 1)) !== 0) at--
      while (next > 0) {
        const { id, start, end } = tokens[next - 1]!
        if (start < at && end <= at && !(hasPhrases && id !== 0)) break
        at = Math.min(at, start)
        next--
      }
    }
    return tailAt + at
  }

  /** Calls back for every occurrence of every word of a rule. */
  forEachWord(ruleIndex: number, text: MatchedText, onFound: (start: number, end: number) => void): void {
    if (this.#phrases.hasAnyOf(ruleIndex)) {
      const { tokens, tokenIds } = text
      this.#phrases.forEachOf(ruleIndex, tokenIds, false, (start, length) =>
        onFound(tokens[start]!.start, tokens[start + length - 1]!.end),
      )
    }
    if (this.#fragments.hasAnyOf(ruleIndex)) {
      this.#fragments.forEachOf(ruleIndex, text.unitIds, true, (start, length) => onFound(start, start + length))
    }
  }

  unitIdsIn(text: string): Int32Array {
    const ids = new Int32Array(text.length)
    for (let at = 0; at < text.length; at++) ids[at] = this.#fragments.idOf(text.charCodeAt(at))
    return ids
  }
}

/** A word of a text: its number among the words of all rules, and where it is. */
interface Token {
  readonly id: number
  readonly start: number
  readonly end: number
}

/** A text that rules are applied to. It is split into words once for all of them. */
export class MatchedText {
  readonly text: string
  readonly #rules: PreparedRules
  #tokens: readonly Token[] | undefined
  #tokenIds: Int32Array | undefined
  #unitIds: Int32Array | undefined
  #rulesWithWord: ReadonlySet<number> | undefined

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

  matches(ruleIndex: number): boolean {
    this.#rulesWithWord ??= this.#rules.rulesWithWordIn(this)
    return this.#rulesWithWord.has(ruleIndex) || (this.#rules.patternOf(ruleIndex)?.test(this.text) ?? false)
  }

  /** The text with a star for every character of every match of a rule. */
  async mask(ruleIndex: number, pacer: Pacer): Promise<MatchedText> {
    return this.without(await this.rangesOf(ruleIndex, pacer))
  }

  without(ranges: readonly MaskedRange[]): MatchedText {
    let masked = ''
    let end = 0
    for (const { start, end: to, stars } of ranges) {
      masked += this.text.slice(end, start) + '*'.repeat(stars)
      end = to
    }
    return new MatchedText(this.#rules, masked + this.text.slice(end), this.#tokens && this.#tokensWithout(ranges))
  }

  /** The matches of a rule in order; those that overlap are one. */
  async rangesOf(ruleIndex: number, pacer: Pacer): Promise<MaskedRange[]> {
    /** By where a match begins: where the longest one ends. */
    const ends = new Int32Array(this.text.length)
    const onFound = (start: number, end: number): void => {
      if (end > start) ends[start] = Math.max(ends[start]!, end)
    }
    this.#rules.forEachWord(ruleIndex, this, onFound)
    const matcher = this.#rules.patternOf(ruleIndex)?.matcher(this.text)
    while (matcher?.find()) {
      onFound(matcher.start(), matcher.end())
      if (pacer.isDue) await pacer.pause()
    }
    const ranges: MaskedRange[] = []
    let end = 0
    for (let from = 0; from < ends.length; from++) {
      const to = ends[from]!
      if (to <= end) continue
      const start = Math.max(from, end)
      ranges.push({ start, end: to, stars: Array.from(this.text.slice(start, to)).length })
      end = to
    }
    return ranges
  }

  /** The tokens of the masked text. Only those that a range cuts are split again. */
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

/** A part of a text that is masked, and its number of characters. */
export interface MaskedRange {
  readonly start: number
  readonly end: number
  readonly stars: number
}

export interface RuleOutcome {
  readonly refusedBy: KeywordRule | undefined
  readonly body: string
  readonly flaggedBy: readonly KeywordRule[]
}

/** Twice the memory of 100,000 usual words. A service that needs more has the cache for itself. */
const preparedBytes = 100_000_000

/** By the SIDs and revisions of the rules. The objects are others each time, since services are read again all the time. */
const preparedRules = new LRUCache<string, PreparedRules, readonly KeywordRule[]>({
  maxSize: preparedBytes,
  sizeCalculation: ({ size }) => Math.min(size, preparedBytes),
  fetchMethod: (_ids, _stale, { context }) => PreparedRules.of(context),
})

/** The rules of a service, prepared once for all texts. */
export function prepareRules(rules: readonly KeywordRule[]): Promise<PreparedRules> {
  return preparedRules.forceFetch(rules.map(({ id, revision }) => (revision ? `${id}.${revision}` : id)).join(), {
    context: rules,
  })
}

/** Applies a service's rules to a text, one after the other. Throws `BudgetExceeded` when that takes too long. */
export async function evaluateRules(rules: readonly KeywordRule[], body: string): Promise<RuleOutcome> {
  const prepared = await prepareRules(rules)
  let text = new MatchedText(prepared, body)
  const flaggedBy: KeywordRule[] = []
  const pacer = new Pacer(applyMilliseconds)
  for (const [ruleIndex, rule] of rules.entries()) {
    if (pacer.isDue) await pacer.pause()
    if (!text.matches(ruleIndex)) continue
    if (rule.action === 'refuse') return { refusedBy: rule, body, flaggedBy }
    if (rule.action === 'flag') flaggedBy.push(rule)
    else text = await text.mask(ruleIndex, pacer)
  }
  return { refusedBy: undefined, body: text.text, flaggedBy }
}
