/** Throws unless both are the same data. Runs where the implementation runs, in a page too. */
export function same(actual: unknown, expected: unknown, what = ''): void {
  const [one, other] = [text(actual), text(expected)]
  if (one !== other) throw new Error(`${what} is ${one}, not ${other}`)
}

/** The code with which a promise rejects; `resolved` when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? 'no code',
  )
}

/** Keys sorted, for their order says nothing. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  ) ?? 'undefined'
