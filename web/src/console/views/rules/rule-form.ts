import type { KeywordAction, RuleFieldsFragment } from '../../generated/types.ts'

/** What one writes of a rule. */
export interface RuleForm {
  readonly name: string
  readonly action: KeywordAction
  readonly words: string
  readonly pattern: string
}

export const newRule: RuleForm = { name: '', action: 'FLAG', words: '', pattern: '' }

export const formOf = ({ name, action, words, pattern }: RuleFieldsFragment): RuleForm => ({
  name,
  action,
  words: words.join('\n'),
  pattern: pattern ?? '',
})

/** What the rule matches, as the API takes it. A pattern stays as it was written: spaces match. */
export const matchOf = ({ words, pattern }: RuleForm) => ({
  words: words
    .split('\n')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
  pattern: pattern === '' ? null : pattern,
})

/** The rule, as the API takes it. */
export const inputOf = (form: RuleForm) => ({ name: form.name.trim(), action: form.action, ...matchOf(form) })

export const matchesNothing = (form: RuleForm): boolean => {
  const { words, pattern } = matchOf(form)
  return words.length === 0 && pattern === null
}
