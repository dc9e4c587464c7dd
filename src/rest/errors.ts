import type { GraphQLError } from 'graphql'
import { retryAfterHeader } from '../http/retry-after.ts'

/** A refusal in the format of Programmable Chat v1. */
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

  /** Always has four keys. */
  get body() {
    const { status, code, message } = this
    return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
  }
}

/** For each `extensions.code` the HTTP status, and the code of the body when there is no `extensions.chatCode`. */
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

/** Chat codes of what a path names: service, role, user, channel, member, message, invite. When it is not found, the path is not. */
const namedByPath: ReadonlySet<unknown> = new Set([50050, 50100, 50200, 50300, 50402, 50500, 50601])

/** Asks for credentials: browsers and some clients send none before. */
const challenge = { 'www-authenticate': 'Basic realm="fonechat"' }

/** Turns a GraphQL error into the refusal of a request at this path. */
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
