import { constants } from 'node:os'
import type { Logger } from '../config/logger.ts'

/** npm passes on the Ctrl-C that the terminal has sent to the server too: within this time it is one. In milliseconds. */
const sameSignal = 1000

/** How long a stopped process may still hold something open, in milliseconds. */
const endMilliseconds = 100

export interface Stoppable {
  /** Stops in order; `immediate`, also in a further call, leaves out what is for others to notice. */
  close(options: { readonly immediate: boolean }): Promise<void>
  /** Ends at once what would go on without this process. */
  kill?(): void
}

/** Begins to stop, or hurries what stops already. */
export type Stop = (reason: object, immediate: boolean) => void

/**
 * SIGTERM drains the server and stops it; SIGINT and SIGHUP, which a terminal sends, leave out what is for others to notice. A second signal
 * hurries, a third ends the process at once, and so does any while it starts. Answers how to stop it without a signal.
 */
export function stopOnSignals(logger: Logger, find: () => Stoppable | undefined): Stop {
  let isStopping = false
  let isHurried = false
  const stop = (server: Stoppable, reason: object, immediate: boolean): void => {
    if (isStopping && (isHurried || !immediate)) return
    logger.info(reason, isStopping ? 'stopping sooner' : 'stopping')
    isHurried = immediate
    const stopped = server.close({ immediate })
    if (isStopping) return
    isStopping = true
    const onFailure = (error: unknown): void => {
      logger.error({ err: error }, 'stopping failed')
      process.exitCode = 1
    }
    void stopped.then(() => logger.info('stopped'), onFailure).then(endSoon)
  }
  let count = 0
  let last: { readonly signal: NodeJS.Signals; readonly at: number } | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (last?.signal === signal && now - last.at < sameSignal) return
    last = { signal, at: now }
    const server = find()
    count++
    if (server && count <= 2) return stop(server, { signal }, count > 1 || signal !== 'SIGTERM')
    process.stderr.write(`fonechat: ended by ${signal} ${server ? 'while it was stopping' : 'before it was ready'}\n`)
    server?.kill?.()
    process.exit(128 + constants.signals[signal])
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal)
  return (reason, immediate) => {
    const server = find()
    // It has nothing to finish.
    if (!server) process.exit(1)
    stop(server, reason, immediate)
  }
}

/** Ends by itself when nothing is open any more. What hangs is not waited for. */
function endSoon(): void {
  setTimeout(() => process.exit(), endMilliseconds).unref()
}
