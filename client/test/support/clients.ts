import { waitFor } from '../../../test/support/wait.ts'
import { browserEnv } from '../../src/env/browser.ts'
import type { Env } from '../../src/env/types.ts'
import { createClient, type Client, type ClientOptions } from '../../src/index.ts'

/** A platform that knows what is left of a client on it. */
export interface CountedEnv extends Env {
  readonly timers: ReadonlySet<unknown>
  readonly listeners: ReadonlySet<unknown>
  readonly sockets: ReadonlySet<unknown>
}

/** Node's, whose clock runs so many times as fast. */
export function countedEnv({ speed = 1, createId }: { speed?: number; createId?: () => string } = {}): CountedEnv {
  const env = browserEnv()
  const [timers, listeners, sockets] = [new Set<unknown>(), new Set<unknown>(), new Set<WebSocket>()]
  const begun = Date.now()
  return {
    ...env,
    ...(createId && { createId }),
    timers,
    listeners,
    sockets,
    clock: {
      now: () => begun + (Date.now() - begun) * speed,
      after: (milliseconds, callback) => {
        const timer = setTimeout(() => {
          timers.delete(timer)
          callback()
        }, milliseconds / speed)
        timers.add(timer)
        return () => {
          timers.delete(timer)
          clearTimeout(timer)
        }
      },
    },
    page: {
      ...env.page,
      on: (...listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    openSocket: (url) => {
      const socket = env.openSocket(url)
      sockets.add(socket as unknown as WebSocket)
      ;(socket as unknown as WebSocket).addEventListener('close', () => sockets.delete(socket as unknown as WebSocket))
      return socket
    },
  }
}

/** A client that is closed at the end of the block. */
export function open(options: ClientOptions): Client & AsyncDisposable {
  const client = createClient(options)
  return { ...client, [Symbol.asyncDispose]: () => client.close() }
}

export const statusOf = ({ getSnapshot }: Client): string => getSnapshot().connection.status

export async function live(...clients: readonly Client[]): Promise<void> {
  for (const client of clients) await waitFor(() => statusOf(client) === 'live', { timeout: 15_000 })
}

/** What a client has of a channel, in the order of the index. */
export function bodiesOf({ getSnapshot }: Client, channelId: string): string[] {
  return (
    getSnapshot()
      .channels.get(channelId)
      ?.messages.map(({ body }) => body ?? '') ?? []
  )
}
