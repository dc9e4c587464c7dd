import { useEffect, useState } from 'react'
import { TryRuleDocument } from '../../generated/rules.ts'
import { useServiceId } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { matchOf, type RuleForm } from './rule-form.ts'

/** How long after the last key a rule is looked at, in milliseconds. */
const typingMs = 400

/** Nothing was sent after it: a dry run since then says what is wrong, and reads no message. */
const afterAll = '9999-01-01T00:00:00.000Z'

type Match = ReturnType<typeof matchOf>

/** What is wrong with the words and with the pattern that one writes, soon after one has written them. */
export function useRuleProblems(form: RuleForm): Readonly<Record<'words' | 'pattern', string | undefined>> {
  const text = JSON.stringify(matchOf(form))
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs)
    return () => clearTimeout(timer)
  }, [text])
  const { words, pattern } = JSON.parse(settled) as Match
  // Each for itself: of a rule the API names one fault.
  const ofWords = useProblem({ words, pattern: null }, words.length > 0)
  const ofPattern = useProblem({ words: [], pattern }, pattern !== null)
  // Until it was looked at, nothing is said of what is written now.
  return settled === text ? { words: ofWords, pattern: ofPattern } : { words: undefined, pattern: undefined }
}

function useProblem(match: Match, enabled: boolean): string | undefined {
  const serviceId = useServiceId()
  const { error } = useData(TryRuleDocument, { input: { serviceId, ...match }, since: afterAll }, { enabled })
  return enabled && error?.code === 'BAD_USER_INPUT' ? error.message : undefined
}
