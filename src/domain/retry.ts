import { ChatError } from '../model/error.ts'
import { isUnavailable } from '../store/engine/fault.ts'

/** Whether it failed for what passes, as that the database is away: the same can succeed later. */
export const isPassing = (error: unknown): boolean =>
  isUnavailable(error) || (error instanceof ChatError && error.code === 'UNAVAILABLE')

/** Tries again while the database is unavailable: a subscription must not end because it restarts. */
export async function retryWhileUnavailable<Result>(
  work: () => Promise<Result>,
  isWanted: () => boolean,
  onFailure: (error: unknown) => void = () => {},
): Promise<Result | undefined> {
  for (let wait = 50; isWanted(); wait = Math.min(wait * 2, 1000)) {
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error)) throw error
      onFailure(error)
    }
    // Unreferenced, so that a stopping process does not wait for it.
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)).unref())
  }
  return undefined
}

/** Waits for a promise that does not reject, up to a time in milliseconds. */
export function withinMilliseconds(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
