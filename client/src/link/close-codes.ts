import type { RefusalReason } from '../store/state.ts'

/** What the client does after the server has closed the socket. */
export type CloseVerdict =
  /** Connects again after a back-off. */
  | { readonly next: 'retry' }
  /** The credentials were refused: once more at once, with a fresh token, then `refused`. */
  | { readonly next: 'renewToken' }
  /** The token has expired: again with a fresh one. */
  | { readonly next: 'expired' }
  /** Another socket has this device: another tab, or a cloned profile. */
  | { readonly next: 'replaced' }
  /** The same would be refused again. */
  | { readonly next: 'refuse'; readonly reason: RefusalReason }

const retry: CloseVerdict = { next: 'retry' }
const fault: CloseVerdict = { next: 'refuse', reason: 'protocol' }

/** Every code that the server closes with. A spec compares them with the server's own. */
export const closeVerdicts: Readonly<Record<number, CloseVerdict>> = {
  1007: fault,
  // What was sent would be too large again: the client checks the size itself, so the server's limit is another one.
  1009: fault,
  1012: retry,
  1013: retry,
  4400: fault,
  4401: fault,
  4403: { next: 'renewToken' },
  4408: retry,
  4409: { next: 'replaced' },
  4410: retry,
  4411: { next: 'expired' },
  4412: retry,
  4429: fault,
  4500: retry,
}

/** Any other code is the network's: the client connects again. */
export function judgeClose(code: number): CloseVerdict {
  return closeVerdicts[code] ?? retry
}
