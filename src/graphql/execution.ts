import { GraphQLError, execute, type ExecutionArgs, type ExecutionResult } from 'graphql'
import { withinOperationTime } from '../domain/operation-time.ts'
import { ChatError } from '../model/error.ts'
import type { Context } from './context.ts'
import { documentLimits, pointsOf } from './cost.ts'
import type { CheckedDocument, DocumentRequest, Documents } from './documents.ts'

/**
 * Checks a document in its caller's turn and on its time, which one that is known takes none of. Those of one socket go on in the order in
 * which they came: none overtakes one that waits, and all wait for as many promises.
 */
export async function checkInTurn(
  documents: Documents,
  request: DocumentRequest,
  { share }: Context,
): Promise<CheckedDocument> {
  const check = () => documents.check(request)
  const isFree = !share || (!share.isWaiting && documents.isKnown(request))
  try {
    return await (isFree ? check() : share.run(0, check))
  } catch (error) {
    return { errors: [error as Error] }
  }
}

/**
 * Executes a query or a mutation in its caller's turn, for as long as the database may take in all: a caller that waits longer has mostly
 * gone.
 */
export function executeInTime(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
  const { app, share } = args.contextValue as Context
  const run = () =>
    withinOperationTime(
      app.config.DATABASE_TOTAL_TIMEOUT,
      () =>
        execute({ ...args, options: { maxCoercionErrors: documentLimits.variableErrors } }) as
          | Promise<ExecutionResult>
          | ExecutionResult,
      () => ({ errors: [tooLate()] }),
    )
  if (!share) return run()
  try {
    const result = share.run(pointsOf(args), run)
    return result instanceof Promise ? result.catch(toResult) : result
  } catch (error) {
    return toResult(error)
  }
}

/** Of what was refused before it began. */
function toResult(error: unknown): ExecutionResult {
  if (!(error instanceof ChatError)) throw error
  return { errors: [new GraphQLError(error.message, { originalError: error })] }
}

function tooLate(): GraphQLError {
  return new GraphQLError('the database has not answered in time; try again', {
    extensions: { code: 'UNAVAILABLE', outcome: 'UNKNOWN' },
  })
}
