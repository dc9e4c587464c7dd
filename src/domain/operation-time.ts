import { AsyncLocalStorage } from 'node:async_hooks'

/** How long an operation has waited for other servers, whose time has a limit of its own. */
interface Clock {
  /** Milliseconds of the calls that have ended. */
  outside: number
  /** When the call under way began. An operation makes one after the other. */
  since: number | undefined
}

const outsideUntilNow = ({ outside, since }: Clock): number =>
  since === undefined ? outside : outside + performance.now() - since

const clocks = new AsyncLocalStorage<Clock>()

/** Runs a call of another server, such as a pre-event. Its time does not count as the operation's own. */
export async function outsideOperationTime<Result>(work: () => Promise<Result>): Promise<Result> {
  const clock = clocks.getStore()
  if (!clock) return work()
  clock.since = performance.now()
  try {
    return await work()
  } finally {
    clock.outside = outsideUntilNow(clock)
    clock.since = undefined
  }
}

/**
 * The result of an operation, or of `onLate` when it has taken longer than a time in milliseconds. It is not stopped: each statement
 * of it has its own deadline.
 */
export function withinOperationTime<Result>(
  milliseconds: number,
  work: () => Promise<Result> | Result,
  onLate: () => Result,
): Promise<Result> | Result {
  const clock: Clock = { outside: 0, since: undefined }
  const result = clocks.run(clock, work)
  if (!(result instanceof Promise)) return result
  return new Promise((resolve, reject) => {
    let counted = 0
    const check = (): void => {
      const outside = outsideUntilNow(clock)
      const more = outside - counted
      if (more <= 0) return resolve(onLate())
      counted = outside
      timer = setTimeout(check, more)
    }
    let timer = setTimeout(check, milliseconds)
    result.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
