import { isUnavailable } from '../store/engine/fault.ts'

/** Tries again for as long as the database does not answer: what is subscribed must not end because it restarts. */
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
    // A process that is about to stop does not wait for it.
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)).unref())
  }
  return undefined
}

/** Waits for what must not fail, but no longer than this. */
export function withinMilliseconds(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
