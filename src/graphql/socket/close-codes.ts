/**
 * Why the server closes a WebSocket, and what a graphql-ws client (used by Apollo and urql) does then: `final` codes end its operations with an
 * error; after the others it reconnects and resumes.
 */
export const closeCodes = {
  /** The server stops; another process takes over. */
  restart: { code: 1012, reason: 'Service restart', final: false },
  /** The database does not answer at the moment. */
  unavailable: { code: 1013, reason: 'Try again later', final: false },
  /** Too many wrong passwords came from the client's address. */
  throttled: { code: 1013, reason: 'Too many wrong passwords', final: false },
  /** No `connection_init` in time. */
  initTimeout: { code: 4408, reason: 'Connection initialisation timeout', final: false },
  /** The client reads so slowly that too much waits for it. It catches up when it is back. */
  slowReader: { code: 4410, reason: 'Slow reader', final: false },
  /** The token has expired. The client reconnects with a new one. */
  expired: { code: 4411, reason: 'Token expired', final: false },
  /** The user has reached the maximum of connections to this process. */
  tooManySockets: { code: 4412, reason: 'Too many connections', final: false },
  /** The operator has closed it, by `closeConnection`. The client comes back. */
  closedByOperator: { code: 4413, reason: 'Closed by the operator', final: false },
  /** Credentials are missing or wrong. */
  forbidden: { code: 4403, reason: 'Forbidden', final: false },
  /** The user was deleted. The same token is refused from now on. */
  userDeleted: { code: 4403, reason: 'User deleted', final: false },
  /** The API key or auth token of the connection was revoked. The same credentials are refused from now on. */
  revoked: { code: 4403, reason: 'Credentials revoked', final: false },
  /** A message that is not of the protocol, or `connectionParams` of the wrong shape. */
  badRequest: { code: 4400, reason: 'Invalid message received', final: true },
  /** Operations before `connection_init` was acknowledged. */
  unauthorized: { code: 4401, reason: 'Unauthorized', final: true },
  /** An operation id is in use, or a newer socket of the device has taken over. */
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

/** Codes that come without the server's doing: a client closes, or a connection breaks. */
const others = [1000, 1001, 1005, 1006] as const

/** The codes that are told apart when closings are counted; a client may send any number. */
export const closeLabels: readonly string[] = [
  ...new Set(
    [...others, ...Object.values(closeCodes).map(({ code }) => code)].toSorted((one, other) => one - other).map(String),
  ),
  'other',
]

const labels = new Set(closeLabels)

export const closeLabelOf = (code: number): string => (labels.has(String(code)) ? String(code) : 'other')
