import { databaseErrorOf, isUnavailable } from './fault.ts'

/** The code and the reason if an error is an outage of the database; undefined otherwise. */
export function findOutage(error: unknown): { readonly code: string; readonly reason: string } | undefined {
  const found = isUnavailable(error) ? databaseErrorOf(error) : undefined
  return found && { code: found.code, reason: found.message }
}
