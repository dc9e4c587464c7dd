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
  /** Of a CONFLICT with a text that is being written: the length that it has, in UTF-16 code units. */
  readonly currentOffset?: number | undefined
  /** Of a CONFLICT with a text that was written while it was read, and has ended or may not be edited: its state. */
  readonly streamState?: 'STREAMING' | 'COMPLETED' | 'INTERRUPTED' | 'CANCELLED' | undefined
  readonly cause?: unknown
}

const detailNames = ['field', 'retryAfterMs', 'chatCode', 'currentVersion', 'currentOffset', 'streamState'] as const

/** The details that something has, as plain data. */
export const detailsOf = (from: object): ChatErrorDetails =>
  Object.fromEntries(detailNames.map((name) => [name, (from as ChatErrorDetails)[name]]))

/** The only error that the client throws. */
export class ChatError extends Error implements ChatErrorDetails {
  override readonly name = 'ChatError'
  readonly code: ErrorCode
  declare readonly field: string | undefined
  declare readonly retryAfterMs: number | undefined
  declare readonly chatCode: number | undefined
  declare readonly currentVersion: number | undefined
  declare readonly currentOffset: number | undefined
  declare readonly streamState: ChatErrorDetails['streamState']

  constructor(code: ErrorCode, message: string, details: ChatErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    Object.assign(this, detailsOf(details))
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
  const { extensions = {}, message = 'unknown error' } = error ?? {}
  const { code = 'INTERNAL_SERVER_ERROR' } = extensions
  return new ChatError(code as ErrorCode, message, detailsOf(extensions))
}
