import { GraphQLError, execute, type ExecutionArgs, type ExecutionResult } from 'graphql'
import { withinOperationTime } from '../domain/operation-time.ts'
import type { Context } from './context.ts'
import { documentLimits } from './cost.ts'

/** Executes a query or a mutation, for as long as the database may take in all: a caller that waits longer has mostly gone. */
export function executeInTime(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
  const { app } = args.contextValue as Context
  return withinOperationTime(
    app.config.DATABASE_TOTAL_TIMEOUT,
    () =>
      execute({ ...args, options: { maxCoercionErrors: documentLimits.variableErrors } }) as
        | Promise<ExecutionResult>
        | ExecutionResult,
    () => ({ errors: [tooLate()] }),
  )
}

function tooLate(): GraphQLError {
  return new GraphQLError('the database has not answered in time; try again', {
    extensions: { code: 'UNAVAILABLE', outcome: 'UNKNOWN' },
  })
}
