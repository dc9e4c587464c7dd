/**
 * The codes of all refusals. The code says what to do; the numeric chat code, where Programmable Chat v1 has one, says which rule refused.
 */
export const errorCodes = {
  UNAUTHENTICATED: 'No valid credentials. Get a new token.',
  FORBIDDEN: 'The caller may not do this.',
  NOT_FOUND: 'It does not exist, or not for this caller.',
  CONFLICT: 'The state of the server contradicts the request. Read it again.',
  BAD_USER_INPUT: 'The request is wrong. Sending it again cannot succeed.',
  RATE_LIMITED: 'Too much at once. Try again later.',
  UNAVAILABLE: 'A part of the server does not answer. Try again; what was to be written may or may not have been.',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface ErrorDetails {
  /** The argument at fault, by its path in what the operation takes: `attributes`, `webhooks.preUrl`. */
  readonly field?: string | undefined
  /** After this time the same request can succeed. */
  readonly retryAfterMs?: number | undefined
  /** Of a CONFLICT with an edit of another: the version that the message has. */
  readonly currentVersion?: number | undefined
  /** Of a CONFLICT with a text that streams: where it goes on. */
  readonly currentOffset?: number | undefined
  /** The same of one that has ended: how. */
  readonly streamState?: string | undefined
}

export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly code: ErrorCode
  readonly chatCode: number | undefined
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined
  readonly currentVersion: number | undefined
  readonly currentOffset: number | undefined
  readonly streamState: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    chatCode?: number,
    { field, retryAfterMs, currentVersion, currentOffset, streamState }: ErrorDetails = {},
  ) {
    super(message)
    this.code = code
    this.chatCode = chatCode
    this.field = field
    this.retryAfterMs = retryAfterMs
    this.currentVersion = currentVersion
    this.currentOffset = currentOffset
    this.streamState = streamState
  }
}

/** `field` is the path of the argument at fault; nothing where several are wrong together. */
export function badInput(message: string, field?: string, chatCode?: number): ChatError {
  return new ChatError('BAD_USER_INPUT', message, chatCode, { field })
}

export function notFound(what: string, chatCode?: number, field?: string): ChatError {
  return new ChatError('NOT_FOUND', `${what} was not found`, chatCode, { field })
}

export function forbidden(message: string, chatCode = 50107): ChatError {
  return new ChatError('FORBIDDEN', message, chatCode)
}
