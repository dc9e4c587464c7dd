const firstMilliseconds = 500
const maxMilliseconds = 10_000

/** Milliseconds until the next try after this error: a back-off, or what the server wants where that is longer. */
export function backoffAfter(
  { retryAfterMs = 0 }: { readonly retryAfterMs: number | undefined },
  failures: number,
  random: number,
): number {
  return Math.max(retryAfterMs, backoff(failures, random))
}

/**
 * Milliseconds until the next try: a random part of a time that doubles with each failure, up to 10 seconds. All of it is random, so that the
 * clients of a server that restarts do not come back together.
 */
export function backoff(failures: number, random: number): number {
  return Math.round(Math.min(maxMilliseconds, firstMilliseconds * 2 ** Math.min(failures, 10)) * random)
}
