import type { KeywordRule } from '../../model/keyword-rule.ts'
import { evaluateRules, prepareRules } from './keyword-match.ts'
import { BudgetExceeded } from './pacer.ts'

/** Beyond so many UTF-16 code units nothing is held back: no word is so long, but for invisible characters. */
const maxHeld = 256

/** What may be seen of a text that goes on. */
export interface DecidedText {
  readonly visible: string
  readonly isRefused: boolean
}

/**
 * What a service's rules leave of the beginning of a text, as far as that is decided: its last word may go on, and so may what is made of words of phrases before
 * it. Patterns are looked for in what is decided; what only the whole text shows is found at its end. Undefined when it takes too long.
 */
export async function decideSoFar(rules: readonly KeywordRule[], text: string): Promise<DecidedText | undefined> {
  const prepared = await prepareRules(rules)
  const from = Math.max(prepared.undecidedFrom(text), text.length - maxHeld)
  const decided = text.slice(0, isWithinPair(text, from) ? from - 1 : from)
  try {
    const { body, refusedBy } = await evaluateRules(rules, decided)
    return { visible: body, isRefused: refusedBy !== undefined }
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined
    throw error
  }
}

const isWithinPair = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at)
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff
}
