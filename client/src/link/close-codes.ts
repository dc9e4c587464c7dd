/** What the client does after the server has closed the socket. */
export type CloseVerdict =
  /** Connects again after a back-off. */
  | 'retry'
  /** The credentials were refused: once more at once, with a fresh token, then `refused`. */
  | 'renewToken'
  /** The token has expired: again with a fresh one. */
  | 'expired'
  /** Another socket has this device: another tab, or a cloned profile. */
  | 'replaced'
  /** The same would be refused again: a fault of the client. */
  | 'refuse'

/** Every code that the server closes with. A spec compares them with the server's own. */
export const closeVerdicts: Readonly<Record<number, CloseVerdict>> = {
  1007: 'refuse',
  // What was sent would be too large again: the client checks the size itself, so the server's limit is another one.
  1009: 'refuse',
  1012: 'retry',
  1013: 'retry',
  4400: 'refuse',
  4401: 'refuse',
  4403: 'renewToken',
  4408: 'retry',
  4409: 'replaced',
  4410: 'retry',
  4411: 'expired',
  4412: 'retry',
  4413: 'retry',
  4429: 'refuse',
  4500: 'retry',
}

/** Any other code is the network's: the client connects again. */
export function judgeClose(code: number): CloseVerdict {
  return closeVerdicts[code] ?? 'retry'
}
