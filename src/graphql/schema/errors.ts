import { GraphQLError, type ASTNode, type GraphQLErrorOptions } from 'graphql'
import { v4 } from 'uuid'
import type { Logger } from '../../config/logger.ts'
import { ChatError, errorCodes } from '../../model/error.ts'
import { isOutcomeUnknown, isUnavailable } from '../../store/engine/fault.ts'
import { currentRequest } from '../../tracing/request.ts'

/** The one code that only GraphQL has: the document is not among the operator's, where only those are answered. */
export const persistedOnlyCode = 'PERSISTED_DOCUMENTS_ONLY'

/** The codes that a caller may see. */
export const ownCodes: ReadonlySet<unknown> = new Set<unknown>([
  ...Object.keys(errorCodes),
  persistedOnlyCode,
  'INTERNAL_SERVER_ERROR',
])

/** In characters, of a message of graphql-js, which quotes what was sent, however long. */
const maxMessageLength = 1000

/**
 * The error that a caller receives: a refusal with its code and sentence; for anything else a reference that finds it in the log, and nothing
 * more.
 */
export function toCallerError(error: unknown, logger: Logger): GraphQLError {
  const cause = error instanceof GraphQLError ? error.originalError : error
  const location: GraphQLErrorOptions =
    error instanceof GraphQLError
      ? {
          nodes: error.nodes ?? null,
          source: error.source ?? null,
          // A syntax error has no nodes.
          positions: error.positions ?? null,
          path: error.path ?? null,
        }
      : {}
  if (cause instanceof ChatError) {
    const { code, chatCode, retryAfterMs, currentVersion, currentOffset, streamState } = cause
    const field = error instanceof GraphQLError ? fieldOf(error.nodes, cause.field) : cause.field
    return new GraphQLError(cause.message, {
      ...location,
      extensions: {
        code,
        ...(chatCode !== undefined && { chatCode }),
        ...(field !== undefined && { field }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ...(currentVersion !== undefined && { currentVersion }),
        ...(currentOffset !== undefined && { currentOffset }),
        ...(streamState !== undefined && { streamState: streamState.toUpperCase() }),
      },
    })
  }
  // Errors of the document and of its variables are GraphQL's own and speak only of what the caller sent.
  if (error instanceof GraphQLError && !(cause instanceof Error && !(cause instanceof GraphQLError))) {
    const { code } = error.extensions
    // The libraries have codes of their own; here all of these are wrong requests.
    if (ownCodes.has(code)) return error
    const { originalError: _inner, ...extensions } = error.extensions
    return new GraphQLError(shortened(error.message), {
      ...location,
      extensions: { ...extensions, code: 'BAD_USER_INPUT' },
    })
  }
  if (isUnavailable(cause)) {
    logger.warn({ err: cause }, 'the database does not answer')
    return new GraphQLError('the database does not answer; try again', {
      ...location,
      extensions: { code: 'UNAVAILABLE', ...(isOutcomeUnknown(cause) && { outcome: 'UNKNOWN' }) },
    })
  }
  // An event that many read, and a subscription, are no request of anybody.
  const reference = currentRequest()?.id ?? v4()
  logger.error({ err: cause, requestId: reference }, 'internal error')
  return new GraphQLError('internal error', { ...location, extensions: { code: 'INTERNAL_SERVER_ERROR', reference } })
}

/**
 * The path of an argument as the operation has it: `input.attributes` for the domain's `attributes`. Undefined where the operation gave none of that
 * name.
 */
function fieldOf(nodes: readonly ASTNode[] | undefined, path: string | undefined): string | undefined {
  const [node] = nodes ?? []
  if (path === undefined || node?.kind !== 'Field') return undefined
  const isGiven = (name: string | undefined): boolean => (node.arguments ?? []).some((one) => one.name.value === name)
  if (isGiven(path.split('.')[0])) return path
  // Fields that look one thing up call it `id`.
  if (path.endsWith('Id') && isGiven('id')) return 'id'
  return isGiven('input') ? `input.${path}` : undefined
}

/** The refusal of a subscription that is sent like a query. */
export function subscriptionRefusal(): GraphQLError {
  return new GraphQLError(
    'subscriptions are answered over WebSocket (graphql-transport-ws) at this address, or as Server-Sent Events to a request with ' +
      'the header Accept: text/event-stream',
    { extensions: { code: 'BAD_USER_INPUT' } },
  )
}

function shortened(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength).toWellFormed()}…` : message
}
