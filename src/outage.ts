import postgres from 'postgres'
import type { OutageReason } from './logger.ts'
import { DatabaseFault, isUnavailable } from './store/engine/fault.ts'

/** What an error says of the database being away; undefined where it says something else. */
export function findOutage(error: unknown): OutageReason | undefined {
  if (!isUnavailable(error)) return undefined
  let found = error as Error
  while (!(found instanceof DatabaseFault || found instanceof postgres.PostgresError)) found = found.cause as Error
  return { code: found.code, reason: found.message }
}
