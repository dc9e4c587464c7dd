import { Redis, ReplyError, type RedisOptions } from 'ioredis'

/** How long any answer may take, in milliseconds. */
export const answerMilliseconds = 2000

/** How often a connection is asked whether it still answers, in milliseconds. */
const pingMilliseconds = 2000

/**
 * Of every connection. The client's own queues are off: without them a hint that cannot be sent is dropped at once, instead of
 * piling up in memory and overtaking others later, and nobody waits for a Redis that is away.
 */
export const nodeOptions = {
  connectTimeout: answerMilliseconds,
  commandTimeout: answerMilliseconds,
  // A dead connection does not answer its closing either.
  disconnectTimeout: 100,
  maxRetriesPerRequest: 0,
  // Answers to it would reach the next connection after a loss (ioredis 5.11).
  disableClientInfo: true,
} satisfies RedisOptions

/** Tries again for ever: a Redis that is away makes hints late, never the server unusable. */
export const retryStrategy = (attempt: number): number => Math.min(50 * attempt, 1000)

/** A connection that is made again whenever it is lost. Without a URL the options say where to. */
export function openNode(url: string | undefined, options: RedisOptions = {}): Redis {
  const all = { ...nodeOptions, enableOfflineQueue: false, retryStrategy, ...options }
  const connection = url === undefined ? new Redis(all) : new Redis(url, all)
  watch(connection)
  return connection
}

/**
 * Closes a connection that has stopped to answer without being closed, so that it is made again. Redis answers even where it
 * refuses, and a connection that subscribes may be silent for hours, so it is asked.
 */
export function watch(connection: Redis): void {
  const timer = setInterval(() => {
    if (connection.status !== 'ready') return
    connection.ping().catch((error: unknown) => {
      if (!(error instanceof ReplyError)) replace(connection)
    })
  }, pingMilliseconds)
  timer.unref()
  connection.once('end', () => clearInterval(timer))
}

/** While it is connecting this would end the client for good (ioredis 5.11); then its own time limits hold. */
export function replace(connection: Redis): void {
  if (connection.status === 'ready') connection.disconnect(true)
}
