import { GraphQLError, type OperationDefinitionNode } from 'graphql'
import type { Outcome } from '../../domain/instruments.ts'
import { ChatError } from '../../model/error.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import type { Context } from './context.ts'
import { ownCodes } from './errors.ts'

interface Result {
  readonly errors?: readonly unknown[] | undefined
}

/** Counts a query or mutation that is over, or a subscription that was opened or refused. `begunAt` is by the monotonic clock. */
export function countOperation(
  { app, transport }: Context,
  definition: Pick<OperationDefinitionNode, 'operation'> | null | undefined,
  begunAt: number,
  { errors }: Result,
): void {
  const { operations, operationSeconds } = app.instruments
  const kind = definition?.operation ?? 'invalid'
  const isOverStream = kind === 'subscription' && transport === 'http'
  operations.add({ kind, transport: isOverStream ? 'sse' : transport, outcome: outcomeOf(errors) })
  operationSeconds.of({ kind }).observe((performance.now() - begunAt) / 1000)
}

export function countRefusedDocument({ app, transport }: Context, errors: readonly unknown[]): void {
  app.instruments.operations.add({ kind: 'invalid', transport, outcome: outcomeOf(errors) })
}

/** The first code that the caller receives. */
function outcomeOf(errors: readonly unknown[] = []): Outcome {
  const [error] = errors
  if (error === undefined) return 'OK'
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  if (cause instanceof ChatError) return cause.code
  if (isUnavailable(cause)) return 'UNAVAILABLE'
  if (!(cause instanceof GraphQLError)) return 'INTERNAL_SERVER_ERROR'
  const { code } = cause.extensions
  return ownCodes.has(code) ? (code as Outcome) : 'BAD_USER_INPUT'
}
