import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  /** Milliseconds until waiting turns into an error. */
  readonly timeout?: number
  readonly interval?: number
}

/** Waits until the condition gives something truthy, and answers that. A condition that throws is one that does not hold yet. */
export async function waitFor<Result>(
  condition: () => Result | Promise<Result>,
  { timeout = 10_000, interval = 20 }: WaitOptions = {},
): Promise<Exclude<Result, false | null | undefined | 0 | ''>> {
  const end = performance.now() + timeout
  let cause: unknown
  do {
    try {
      const result = await condition()
      if (result) return result as never
      cause = undefined
    } catch (error) {
      cause = error
    }
    await delay(interval)
  } while (performance.now() < end)
  throw new Error(`still not so after ${timeout} ms: ${condition.toString()}`, { cause })
}

/** The promise's result, or an error that says what did not happen in time. */
export async function within<Result>(promise: Promise<Result>, timeout: number, what: string): Promise<Result> {
  const timer = new AbortController()
  try {
    return await Promise.race([
      promise,
      delay(timeout, undefined, { signal: timer.signal }).then(() => {
        throw new Error(`${what}: not within ${timeout} ms`)
      }),
    ])
  } finally {
    timer.abort()
  }
}
