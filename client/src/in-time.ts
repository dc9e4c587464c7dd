import { deferred } from './deferred.ts'
import type { Clock } from './env/types.ts'
import { ChatError } from './errors.ts'

/** Time in which there has to be an answer, in milliseconds. */
const answerMilliseconds = 15_000

/**
 * Settles as the callbacks of `start` say. Before they do, rejects with the signal's reason when it aborts, and with OFFLINE after 15 seconds. What
 * `start` returns is called at the end, however that comes.
 */
export async function inTime<Result>(
  clock: Clock,
  signal: AbortSignal | undefined,
  start: (resolve: (result: Result) => void, reject: (error: unknown) => void) => () => void,
): Promise<Result> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = deferred<Result>()
  const stop = start(resolve, reject)
  const cancel = clock.after(answerMilliseconds, () =>
    reject(new ChatError('OFFLINE', 'the server did not answer in time')),
  )
  const onAbort = (): void => reject(signal!.reason as Error)
  signal?.addEventListener('abort', onAbort)
  try {
    return await promise
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
    stop()
  }
}
