/**
 * How much something matters: an `error` breaks or loses something now, a `warning` will when nobody acts, a `notice` is worth knowing and
 * needs nothing.
 */
export const severities = ['error', 'warning', 'notice'] as const

export type Severity = (typeof severities)[number]

/** Something that was found to be other than it should be. */
export interface Finding {
  /** Stable, for scripts and for the docs, which describe each. */
  readonly code: string
  readonly severity: Severity
  /** What it is about, where there may be several: a setting, an index, a table. */
  readonly subject?: string
  /** What is so, in a sentence. */
  readonly text: string
  /** What to do, in a sentence. */
  readonly remedy: string
}

/** Whether something needs somebody. */
export function needsAction(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity !== 'notice')
}

/** The worst first; of equals in the order in which they were found. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}
