import { backoff } from '../backoff.ts'
import type { ChatError, ErrorCode } from '../errors.ts'

/** Tries of an item at which the server itself fails, before it is taken for the item's fault. */
const maxFaults = 3

/** The same may succeed later: the channel waits. */
const passing: ReadonlySet<ErrorCode> = new Set(['OFFLINE', 'UNAVAILABLE', 'RATE_LIMITED', 'UNAUTHENTICATED', 'CLOSED'])

/** Whether an item fails with this error (O3). `faults` is how often the server itself has failed at it, this time included. */
export function isFinal({ code }: ChatError, faults: number): boolean {
  if (code === 'INTERNAL_SERVER_ERROR') return faults >= maxFaults
  return !passing.has(code)
}

/** Whether an item may have arrived in an earlier try, though it failed in the end: every other failure is the server's refusal. */
export const mayHaveArrived = ({ code }: ChatError): boolean => code === 'INTERNAL_SERVER_ERROR' || code === 'EXPIRED'

/** Milliseconds until a channel is tried again: what the server says, otherwise a back-off. */
export function waitAfter({ retryAfterMs }: ChatError, failures: number, random: number): number {
  return retryAfterMs ?? backoff(failures, random)
}
