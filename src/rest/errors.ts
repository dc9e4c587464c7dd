import type { GraphQLError } from 'graphql'
import { retryAfterHeader } from '../http/retry-after.ts'

/** A refusal as Programmable Chat v1 words it. */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly status: number
  readonly code: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }

  /** Four keys, always. */
  get body() {
    const { status, code, message } = this
    return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
  }
}

/** What `extensions.code` is over HTTP: the status, and the code of the body where `extensions.chatCode` has none. */
const statuses: Readonly<Record<string, readonly [status: number, code: number]>> = {
  BAD_USER_INPUT: [400, 20001],
  UNAUTHENTICATED: [401, 20003],
  FORBIDDEN: [403, 20403],
  NOT_FOUND: [404, 20404],
  CONFLICT: [409, 20409],
  RATE_LIMITED: [429, 20429],
  INTERNAL_SERVER_ERROR: [500, 20500],
  UNAVAILABLE: [503, 20503],
}

/** Service, role, user, channel, member, message, invite: what a path names. When it is not there, the whole path is not. */
const namedByPath: ReadonlySet<unknown> = new Set([50050, 50100, 50200, 50300, 50402, 50500, 50601])

/** How to get in; without it browsers and some clients do not send what they have. */
const challenge = { 'www-authenticate': 'Basic realm="fonechat"' }

/** The refusal that a GraphQL error is at this path. */
export function toRestError({ message, extensions }: GraphQLError, path: string): RestError {
  const { code, chatCode, retryAfterMs } = extensions
  const [status, generalCode] = statuses[code as string] ?? statuses['INTERNAL_SERVER_ERROR']!
  if (status === 404 && (chatCode === undefined || namedByPath.has(chatCode))) return notFound(path)
  const number = typeof chatCode === 'number' ? chatCode : generalCode
  return new RestError(status, number, message, status === 401 ? challenge : retryAfterHeader(retryAfterMs))
}

export function notFound(path: string): RestError {
  return new RestError(404, 20404, `The requested resource ${path} was not found`)
}
