import { databaseErrorOf, isUnavailable } from './fault.ts'

/** What an error says of the database being away; undefined where it says something else. */
export function findOutage(error: unknown): { readonly code: string; readonly reason: string } | undefined {
  const found = isUnavailable(error) ? databaseErrorOf(error) : undefined
  return found && { code: found.code, reason: found.message }
}
