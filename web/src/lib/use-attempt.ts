import { useCallback, useState } from 'react'

export interface Attempts {
  /** Why the last attempt has failed, in words; null where it has not. */
  readonly problem: string | null
  readonly setProblem: (problem: string | null) => void
  /** Says why something did not work, once it is known. */
  readonly attempt: (work: Promise<unknown>) => void
}

/** Why something did not work, in words. */
export const problemOf = (error: unknown): string => (error instanceof Error ? error.message : 'It did not work.')

/** What a user tries, where that can fail. `wordsOf` stays the same. */
export function useAttempt(wordsOf: (error: unknown) => string = problemOf): Attempts {
  const [problem, setProblem] = useState<string | null>(null)
  const attempt = useCallback(
    (work: Promise<unknown>): void => {
      work.then(
        () => setProblem(null),
        (error: unknown) => setProblem(wordsOf(error)),
      )
    },
    [wordsOf],
  )
  return { problem, setProblem, attempt }
}
