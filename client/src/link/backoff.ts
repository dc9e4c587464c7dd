const first = 500
const most = 10_000

/** Milliseconds until the next try: a random part of a time that doubles with each failure, up to 10 seconds. */
export function backoff(failures: number, random: number): number {
  return Math.round(Math.min(most, first * 2 ** Math.min(failures, 10)) * random)
}
