/** What went wrong, as the server's `extensions.code` says it, or one of the client's own codes. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'FORBIDDEN'
  | 'INTERNAL_SERVER_ERROR'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'UNAUTHENTICATED'
  | 'UNAVAILABLE'
  /** The client was closed, or its user signed out. */
  | 'CLOSED'
  /** The server did not answer in time, or could not be reached. */
  | 'OFFLINE'
  /** The outbox is full. */
  | 'OUTBOX_FULL'
  /** What waited in the outbox for longer than it may. */
  | 'EXPIRED'

export interface ChatErrorDetails {
  /** Path of the input that is wrong, such as `input.body`. */
  readonly field?: string | undefined
  /** When the same may be tried again, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** Number of the error in the REST API. */
  readonly chatCode?: number | undefined
  /** Of a CONFLICT with an edit of another: the version that the message has. */
  readonly currentVersion?: number | undefined
  readonly cause?: unknown
}

/** The only error that the client throws. */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined
  readonly chatCode: number | undefined
  readonly currentVersion: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    { field, retryAfterMs, chatCode, currentVersion, cause }: ChatErrorDetails = {},
  ) {
    super(message, { cause })
    this.code = code
    this.field = field
    this.retryAfterMs = retryAfterMs
    this.chatCode = chatCode
    this.currentVersion = currentVersion
  }
}

export const closed = (): ChatError => new ChatError('CLOSED', 'the client is closed')

/** An error as a GraphQL response has it. */
export interface ServerError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** The first of the errors that the server gave for an operation. */
export function toChatError([error]: readonly ServerError[]): ChatError {
  const { code = 'INTERNAL_SERVER_ERROR', field, retryAfterMs, chatCode, currentVersion } = error?.extensions ?? {}
  return new ChatError(code as ErrorCode, error?.message ?? 'unknown error', {
    field,
    retryAfterMs,
    chatCode,
    currentVersion,
  } as ChatErrorDetails)
}
