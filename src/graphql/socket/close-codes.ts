/**
 * Why the server closes a WebSocket, and what a graphql-ws client (which Apollo and urql use) does about it: those marked
 * `final` end its operations with an error; after the others it connects again and goes on where it was.
 */
export const closeCodes = {
  /** The server stops; another one, or the same after its restart, takes over. */
  restart: { code: 1012, reason: 'Service restart', final: false },
  /** The database does not answer; in a moment it may. */
  unavailable: { code: 1013, reason: 'Try again later', final: false },
  /** Too many wrong passwords came from the client's address. */
  throttled: { code: 1013, reason: 'Too many wrong passwords', final: false },
  /** No `connection_init` in time. */
  initTimeout: { code: 4408, reason: 'Connection initialisation timeout', final: false },
  /** The reader is so slow that too much waits for it; it will be brought up to date when it is back. */
  slowReader: { code: 4410, reason: 'Slow reader', final: false },
  /** The token has expired. The client connects again with a new one. */
  expired: { code: 4411, reason: 'Token expired', final: false },
  /** The user has the most connections to this process that one may have. */
  tooManySockets: { code: 4412, reason: 'Too many connections', final: false },
  /** Credentials that are missing or wrong. */
  forbidden: { code: 4403, reason: 'Forbidden', final: false },
  /** The user was deleted. With the same token it is refused when it comes again. */
  userDeleted: { code: 4403, reason: 'User deleted', final: false },
  /** The API key or the auth token that it came with counts no more. With the same credentials it is refused when it comes again. */
  revoked: { code: 4403, reason: 'Credentials revoked', final: false },
  /** A message that is not of the protocol, or `connectionParams` of the wrong shape: sent again, they would be no better. */
  badRequest: { code: 4400, reason: 'Invalid message received', final: true },
  /** Operations before `connection_init` was acknowledged. */
  unauthorized: { code: 4401, reason: 'Unauthorized', final: true },
  /** An operation id that is in use; or a newer socket of the same device has taken over. */
  replaced: { code: 4409, reason: 'Device connected elsewhere', final: true },
  /** A second `connection_init`. */
  secondInit: { code: 4429, reason: 'Too many initialisation requests', final: true },
  /** A text frame that is not UTF-8. */
  invalidText: { code: 1007, reason: '', final: true },
  /** A frame beyond the size limit. */
  tooLarge: { code: 1009, reason: 'Max payload size exceeded', final: true },
  /** A fault of the server. */
  internal: { code: 4500, reason: 'Internal server error', final: true },
} as const
