/**
 * How texts are cut into the tokens that search finds. It is done here and not by the database, whose rules depend on its version and locale.
 *
 * A token is a word of letters and digits, or a symbol such as an emoji. Scripts that are written without spaces give a token for each two
 * neighbouring characters, and one for the last of a run: any part of a run is then found as tokens that follow each other.
 */
export interface Token {
  /** As it is compared: NFKC, without case, and without the marks that the language does not tell apart. */
  readonly text: string
  /** In the original, in UTF-16 code units. */
  readonly start: number
  readonly end: number
  /** End of the first character, of a token of two. */
  readonly headEnd: number
  /** Whether it is one of a script without spaces, and there the last of its run. */
  readonly isUnspaced: boolean
  readonly isRunEnd: boolean
}

/** Longer words are compared by their beginnings. In UTF-16 code units. */
const maxWordLength = 64

/** Of scripts that are written without spaces, as a part of a class of characters. */
export const unspacedCharacters = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Bopo}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\u30fc\uff70`
/** Marks of sound and tone belong to the character before them. */
const unspacedUnit = String.raw`[${unspacedCharacters}][\p{M}\uff9e\uff9f]*`
/** Characters that do not show within a word: a soft hyphen, joiners. */
const invisible = String.raw`\u00ad\u200c\u200d\u2060`

const tokens = new RegExp(
  [
    `(?<run>(?:${unspacedUnit})+)`,
    String.raw`(?<word>[[\p{L}\p{N}]--[${unspacedCharacters}\uff9e\uff9f]][[\p{L}\p{N}\p{M}${invisible}]--[${unspacedCharacters}\uff9e\uff9f]]*)`,
    String.raw`(?<symbol>[\p{Extended_Pictographic}\p{Regional_Indicator}])`,
  ].join('|'),
  'gv',
)
const units = new RegExp(unspacedUnit, 'gv')
const ascii = /^[a-z0-9]+$/i
const notCompared = /[^\p{L}\p{N}\p{M}]+/gv
const marked = /\P{M}\p{M}+/gv

/** Cuts texts of one language. */
export class Tokenizer {
  readonly #language: string
  readonly #collator: Intl.Collator
  readonly #keepsAscii: boolean
  /** What becomes of characters with marks. There are some thousands of them; nobody can make it grow. */
  readonly #marked = new Map<string, string>()

  constructor(language: string) {
    this.#language = isLanguage(language) ? language : 'en'
    this.#collator = new Intl.Collator(this.#language, { sensitivity: 'base' })
    // In Turkish the small letter of I is another one.
    this.#keepsAscii = 'I'.toLocaleLowerCase(this.#language) === 'i'
  }

  tokenize(text: string): Token[] {
    const found: Token[] = []
    for (const { 0: original, index: start, groups } of text.matchAll(tokens)) {
      if (groups!['run'] !== undefined) this.#addRun(found, original, start)
      else this.#addWord(found, original, start, groups!['symbol'] !== undefined)
    }
    return found
  }

  #addWord(found: Token[], original: string, start: number, isSymbol: boolean): void {
    const text = isSymbol ? original : this.#fold(original)
    if (text === '') return
    const end = start + original.length
    found.push({ text, start, end, headEnd: end, isUnspaced: false, isRunEnd: false })
  }

  #addRun(found: Token[], original: string, start: number): void {
    const characters = Array.from(original.matchAll(units), ({ 0: unit, index }) => ({
      text: unit.normalize('NFKC').toLowerCase(),
      start: start + index,
      end: start + index + unit.length,
    }))
    for (const [at, one] of characters.entries()) {
      const next = characters[at + 1]
      found.push({
        text: cut(one.text + (next?.text ?? '')),
        start: one.start,
        end: next?.end ?? one.end,
        headEnd: one.end,
        isUnspaced: true,
        isRunEnd: next === undefined,
      })
    }
  }

  #fold(word: string): string {
    if (this.#keepsAscii && ascii.test(word)) return cut(word.toLowerCase())
    // By way of the capital letters, so that ß is ss and both small sigmas are one.
    const lower = word.normalize('NFKC').toLocaleUpperCase(this.#language).toLocaleLowerCase(this.#language)
    const folded = lower
      .replaceAll('ς', 'σ')
      .normalize('NFD')
      .replaceAll(marked, (character) => this.#withoutMarks(character))
      .normalize('NFC')
      .replaceAll(notCompared, '')
    return cut(folded)
  }

  /** A Swede tells ä from a, a German finds one by the other. */
  #withoutMarks(character: string): string {
    if (character.length > 4) return this.#collate(character)
    const known = this.#marked.get(character)
    if (known !== undefined) return known
    const plain = this.#collate(character)
    if (this.#marked.size < 10_000) this.#marked.set(character, plain)
    return plain
  }

  #collate(character: string): string {
    const base = String.fromCodePoint(character.codePointAt(0)!)
    return this.#collator.compare(character, base) === 0 ? base : character
  }
}

function cut(text: string): string {
  if (text.length <= maxWordLength) return text
  return text.slice(0, maxWordLength).replace(/[\ud800-\udbff]$/, '')
}

function isLanguage(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1
  } catch {
    return false
  }
}

const tokenizers = new Map<string, Tokenizer>()
const maxTokenizers = 100

export function tokenizerOf(language: string): Tokenizer {
  const known = tokenizers.get(language)
  if (known) return known
  if (tokenizers.size >= maxTokenizers) tokenizers.clear()
  const made = new Tokenizer(language)
  tokenizers.set(language, made)
  return made
}
