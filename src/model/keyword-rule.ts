export const keywordActions = ['refuse', 'mask', 'flag'] as const

/** What becomes of a message that a rule matches: it is not sent, it is sent without the matches, it is sent and noted down. */
export type KeywordAction = (typeof keywordActions)[number]

export interface KeywordRule {
  readonly id: string
  readonly name: string
  /** Any of these, whole and whatever their case. */
  readonly words: readonly string[]
  /** A regular expression of RE2, whatever its case. */
  readonly pattern: string | null
  readonly action: KeywordAction
}
