import type { Span } from '@opentelemetry/api'
import { GraphQLError, execute, getOperationAST, type ExecutionArgs, type ExecutionResult } from 'graphql'
import { withinOperationTime } from '../../domain/operation-time.ts'
import type { RateHeaders } from '../../http/rate-headers.ts'
import { ChatError } from '../../model/error.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'
import type { Context } from '../schema/context.ts'
import { pointsOf } from '../schema/cost.ts'
import { documentLimits } from '../schema/document-size.ts'
import { countOperation, countRefusedDocument } from '../schema/operation-figures.ts'
import type { CheckedDocument, DocumentRequest, Documents } from './documents.ts'

/** Time added for a new document, in milliseconds: keeping it costs the garbage collector more than the check itself. */
const newDocumentMilliseconds = 5

/**
 * Checks a document in its caller's turn. A known document costs nothing and is not counted, but does not overtake a new one, so the
 * operations of a socket keep their order.
 */
export async function checkInTurn(
  documents: Documents,
  request: DocumentRequest,
  context: Context,
): Promise<CheckedDocument> {
  const checked = await checkFairly(documents, request, context)
  if ('errors' in checked) countRefusedDocument(context, checked.errors)
  return checked
}

async function checkFairly(
  documents: Documents,
  request: DocumentRequest,
  { share, characters, rates }: Context,
): Promise<CheckedDocument> {
  if (!share) return documents.check(request)
  const known = documents.findKnown(request)
  const check = () => {
    if (known) return known
    share.add(newDocumentMilliseconds)
    return documents.check(request)
  }
  try {
    return await share.prepare(known !== undefined, check, characters)
  } catch (error) {
    rates?.refuse(error)
    return { errors: [error as Error] }
  }
}

/** Executes a query or mutation in its caller's turn. Ends it when the database takes longer in all than `DATABASE_TOTAL_TIMEOUT`. */
export function executeInTime(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
  const begunAt = performance.now()
  const count = (result: ExecutionResult): ExecutionResult => {
    countOperation(args.contextValue as Context, getOperationAST(args.document, args.operationName), begunAt, result)
    return result
  }
  const result = tracing === undefined ? executeFairly(args) : trace(tracing, args)
  return result instanceof Promise ? result.then(count) : count(result)
}

/** The name of an operation is its client's choice, as long as the document may be. */
const maxNameCharacters = 100

function trace(by: Tracing, args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
  const operation = getOperationAST(args.document, args.operationName)
  const name = operation?.name?.value.slice(0, maxNameCharacters)
  const type = operation?.operation ?? 'unknown'
  const attributes = { 'graphql.operation.type': type, ...(name !== undefined && { 'graphql.operation.name': name }) }
  return by.child(name === undefined ? type : `${type} ${name}`, { attributes }, (span) => {
    const result = executeFairly(args)
    if (!span) return result
    if (!(result instanceof Promise)) return noteErrors(span, result)
    return result.then((answer) => noteErrors(span, answer))
  })
}

/** They are an answer: nothing was thrown. */
function noteErrors(span: Span, result: ExecutionResult): ExecutionResult {
  const [error] = result.errors ?? []
  if (!error) return result
  const cause = error.originalError ?? error
  span.setAttribute('error.type', cause instanceof ChatError ? cause.code : cause.name)
  span.setAttribute('graphql.errors', result.errors!.length)
  return result
}

function executeFairly(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
  const { app, share, characters, rates } = args.contextValue as Context
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
    const points = share.measure(() => pointsOf(args))
    const result = share.run(points, run, characters)
    return result instanceof Promise ? result.catch((error: unknown) => toResult(error, rates)) : result
  } catch (error) {
    return toResult(error, rates)
  }
}

/** The result of an operation that was refused before it began. */
function toResult(error: unknown, rates: RateHeaders | undefined): ExecutionResult {
  rates?.refuse(error)
  if (!(error instanceof ChatError)) throw error
  return { errors: [new GraphQLError(error.message, { originalError: error })] }
}

function tooLate(): GraphQLError {
  return new GraphQLError('the database has not answered in time; try again', {
    extensions: { code: 'UNAVAILABLE', outcome: 'UNKNOWN' },
  })
}
