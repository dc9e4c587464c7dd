import type { RefusalReason } from '../store/state.ts'

/** What the client does after the server has closed the socket. */
export type CloseVerdict =
  | { readonly next: 'retry' }
  /** The credentials were refused: once more with a fresh token, then `refused`. */
  | { readonly next: 'renewToken' }
  /** Another socket has this device: another tab, or a cloned profile. */
  | { readonly next: 'replaced' }
  | { readonly next: 'refuse'; readonly reason: RefusalReason }

const verdicts: Readonly<Record<number, CloseVerdict>> = {
  4403: { next: 'renewToken' },
  4409: { next: 'replaced' },
  4400: { next: 'refuse', reason: 'protocol' },
  4401: { next: 'refuse', reason: 'protocol' },
  4429: { next: 'refuse', reason: 'protocol' },
  1007: { next: 'refuse', reason: 'protocol' },
}

export function judgeClose(code: number): CloseVerdict {
  return verdicts[code] ?? { next: 'retry' }
}
