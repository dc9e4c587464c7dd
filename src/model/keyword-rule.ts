import type { KeywordRuleId } from './sid.ts'
export const keywordActions = ['refuse', 'mask', 'flag'] as const

/** What happens to a message that a rule matches: it is refused, sent with the matches masked, or sent and flagged. */
export type KeywordAction = (typeof keywordActions)[number]

export interface KeywordRule {
  readonly id: KeywordRuleId
  readonly name: string
  /** Whole words; case does not matter. */
  readonly words: readonly string[]
  /** A regular expression of RE2; case does not matter. */
  readonly pattern: string | null
  readonly action: KeywordAction
  /** How often it was changed; missing before the first time. */
  readonly revision?: number
}
