import { currentRequest, Request, withRequest } from '../tracing/request.ts'

const outsideUntilNow = ({ outside, outsideSince }: Request): number =>
  outsideSince === undefined ? outside : outside + performance.now() - outsideSince

/** Runs a call of another server, such as a pre-event. Its time does not count as the operation's own. */
export async function outsideOperationTime<Result>(work: () => Promise<Result>): Promise<Result> {
  const request = currentRequest()
  if (!request) return work()
  request.outsideSince = performance.now()
  try {
    return await work()
  } finally {
    request.outside = outsideUntilNow(request)
    request.outsideSince = undefined
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
  const current = currentRequest()
  const request = current ?? new Request()
  const result = current ? work() : withRequest(request, work)
  if (!(result instanceof Promise)) return result
  return new Promise((resolve, reject) => {
    let counted = 0
    const check = (): void => {
      const outside = outsideUntilNow(request)
      const more = outside - counted
      if (more <= 0) return resolve(onLate())
      counted = outside
      timer = setTimeout(check, more)
    }
    let timer = setTimeout(check, milliseconds)
    result.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
