import postgres from 'postgres'

/**
 * Why the database has not answered:
 * - `CONNECT_FAILED` no connection could be opened;
 * - `POOL_TIMEOUT` no connection became free in time;
 * - `CONNECTION_LOST` the connection ended while something was under way on it;
 * - `DEADLINE` no answer in time;
 * - `NOT_REPLICATED` committed, but not known to be where synchronous replication wants it;
 * - `NO_ANSWER` the driver says that there is a result, and the server has sent none;
 * - `CLOSED` this process is stopping.
 */
export type FaultCode =
  | 'CONNECT_FAILED'
  | 'POOL_TIMEOUT'
  | 'CONNECTION_LOST'
  | 'DEADLINE'
  | 'NOT_REPLICATED'
  | 'NO_ANSWER'
  | 'CLOSED'

/** The database has not answered. An error that it returns is a PostgresError. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault'
  readonly code: FaultCode
  /** `none` when the statement has certainly had no effect, `unknown` when it may have had. */
  readonly outcome: 'none' | 'unknown'

  constructor(code: FaultCode, outcome: 'none' | 'unknown', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.outcome = outcome
  }
}

/** Finds the server's error, or the fault, among the causes of an error. */
export function databaseErrorOf(error: unknown): postgres.PostgresError | DatabaseFault | undefined {
  if (error instanceof postgres.PostgresError || error instanceof DatabaseFault) return error
  return error instanceof Error ? databaseErrorOf(error.cause) : undefined
}

function stateOf(error: unknown): string {
  const found = databaseErrorOf(error)
  return found instanceof postgres.PostgresError ? found.code : ''
}

/** Whether the statement has certainly had no effect: the server has refused it, or it was never sent. */
function didNotHappen(error: unknown): boolean {
  const found = databaseErrorOf(error)
  return found instanceof DatabaseFault ? found.outcome === 'none' : found?.severity === 'ERROR'
}

/** Marks an error as without effect: what was not committed has not happened, however its connection was lost. */
export function withoutCommit(error: unknown): unknown {
  const found = databaseErrorOf(error)
  if (!(found instanceof DatabaseFault) || found.outcome === 'none') return error
  return new DatabaseFault(found.code, 'none', found.message, { cause: error })
}

/** Whether the statement may have taken effect. Nothing is repeated blindly: a send is looked up on a new connection. */
export function isOutcomeUnknown(error: unknown): boolean {
  return databaseErrorOf(error) !== undefined && !didNotHappen(error)
}

/**
 * Temporary states: connections are refused (53300) or ended (57P0x), the disk is full (53100) or does not answer (58), the server is read
 * only (25006), a lock or a statement took too long (55P03, 57014), another transaction was in the way (40001, 40P01).
 */
const passingStates = /^(08|53|57|58)|^(25006|55P03|40001|40P01)$/

/** Whether the database has not answered, rather than refused. */
export function isUnanswered(error: unknown): boolean {
  return databaseErrorOf(error) instanceof DatabaseFault
}

/** Whether the database may be able to do it in a moment: callers get UNAVAILABLE, streams wait and go on. */
export function isUnavailable(error: unknown): boolean {
  return isUnanswered(error) || passingStates.test(stateOf(error))
}

/**
 * Whether the same again can succeed at once, given that nothing has happened: others were in the way (40001, 40P01), the connection
 * has a plan of a table that was changed since, or no longer has the plan (0A000, 26000), or the connection was lost.
 */
export function isRepeatable(error: unknown): boolean {
  if (!didNotHappen(error)) return false
  const found = databaseErrorOf(error)
  if (found instanceof DatabaseFault) return found.code === 'CONNECTION_LOST' || found.code === 'NO_ANSWER'
  return /^(40001|40P01|0A000|26000)$/.test(stateOf(error))
}

/** Whether a row of the statement is at fault, and not the state of the database: data or a constraint (classes 22 and 23). */
export function isRowError(error: unknown): boolean {
  return /^2[23]/.test(stateOf(error))
}

/** Whether waiting for a lock took too long. */
export function isLockTimeout(error: unknown): boolean {
  return stateOf(error) === '55P03'
}

/** Whether a statement took too long: less at once may succeed. */
export function isStatementTimeout(error: unknown): boolean {
  const found = databaseErrorOf(error)
  return found instanceof DatabaseFault ? found.code === 'DEADLINE' : stateOf(error) === '57014'
}

/** Whether the server takes no writes: it is no longer the primary, or is set to read only. */
export function isReadOnly(error: unknown): boolean {
  return stateOf(error) === '25006'
}

/** The name of the violated unique constraint, if this is what the error says. */
export function uniqueViolation(error: unknown): string | undefined {
  const found = databaseErrorOf(error)
  return found instanceof postgres.PostgresError && found.code === '23505' ? found.constraint_name : undefined
}
