import { createClient, type Client, type ClientOptions } from 'graphql-ws'
import { deferred, type Deferred } from '../deferred.ts'
import { TabDevice } from './device.ts'
import { createTokenSource, type FetchToken } from './token.ts'

export interface ConnectionOptions {
  /** The URL of `/graphql`, with http or https. The WebSocket is opened at the same place. */
  readonly url: string
  readonly token: FetchToken
  /** Names the device whose queue of messages this is. Without it each tab is a device, stays it when it is reloaded, and becomes a new one where another has taken it. With it that ends all subscriptions, with 4409. */
  readonly deviceId?: string
  /** The WebSocket class where the platform has none, such as that of `ws`. */
  readonly webSocketImpl?: ClientOptions['webSocketImpl']
}

/** Requests over HTTP and subscriptions over one WebSocket, which is opened at the first subscription. */
export interface Connection {
  readonly url: string
  /** The platform's `fetch` with the token. A request whose token is refused goes once more, with a new one. Ends after 30 seconds. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** `subscribe` of graphql-ws: it goes on over broken connections, and ends at what no new connection can change. */
  readonly subscribe: Client['subscribe']
  /** Closes the WebSocket and ends its subscriptions. */
  close(): Promise<void>
}

/** Milliseconds of silence after which a ping is sent, and those in which an answer must come. */
const keepAlive = 6000
const patience = 8000

const requestDeadline = 30_000

const forbidden = 4403
const replaced = 4409
const expired = 4411

/** At most 10 seconds, and not all clients at the same moment; at once when the network or the page is back. */
function waitToRetry(retries: number): Promise<void> {
  return new Promise((resolve) => {
    const waiting = new AbortController()
    const go = (): void => {
      clearTimeout(timer)
      waiting.abort()
      resolve()
    }
    const timer = setTimeout(go, Math.min(10, 2 ** retries) * (500 + Math.random() * 500))
    for (const type of ['online', 'pageshow']) globalThis.addEventListener?.(type, go, { signal: waiting.signal })
  })
}

function isReplaced(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === replaced
}

/** Makes a connection. Nothing is opened or asked for until it is used, so it may be made where pages are rendered on a server. */
export function createConnection({ url, token, deviceId, webSocketImpl }: ConnectionOptions): Connection {
  const tokens = createTokenSource(token)
  const device = new TabDevice()
  const closing = new AbortController()
  /** Settles when a page that was left is shown again, from the back-forward cache. */
  let shown: Deferred<void> | undefined
  let replacements = 0
  let sent: string | undefined
  let refusals = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let client: Client | undefined

  const answered = (): void => clearTimeout(timer)
  // A network that has died says nothing.
  const asked = (): void => {
    answered()
    timer = setTimeout(() => client?.terminate(), patience)
  }
  // With an open socket or a lock the page could not come back from the back-forward cache.
  const leave = (): void => {
    shown ??= deferred()
    device.release()
    client?.terminate()
  }
  const enter = (): void => {
    shown?.resolve()
    shown = undefined
  }
  const open = (): Client => {
    globalThis.addEventListener?.('pagehide', leave, { signal: closing.signal })
    globalThis.addEventListener?.('pageshow', enter, { signal: closing.signal })
    return createClient({
      url: url.replace(/^http/, 'ws'),
      ...(webSocketImpl !== undefined && { webSocketImpl }),
      connectionParams: async () => {
        try {
          const id = deviceId ?? (await device.id())
          sent = await tokens.get()
          return { token: sent, deviceId: id }
        } catch {
          // An error thrown here would end all subscriptions.
          client?.terminate()
          return undefined
        }
      },
      keepAlive,
      on: {
        connecting: asked,
        connected: () => {
          answered()
          refusals = 0
        },
        closed: (event) => {
          answered()
          const { code } = event as { readonly code: number }
          if (code === forbidden || code === expired) tokens.drop(sent)
          if (code === forbidden) refusals++
          if (code !== replaced) return
          replacements++
          device.replace()
        },
        ping: (isReceived) => isReceived || asked(),
        pong: (isReceived) => isReceived && answered(),
      },
      // A refused token may have been an old one; a new one that is refused is not tried again.
      shouldRetry: () => refusals < 2,
      retryAttempts: Infinity,
      retryWait: async (retries) => {
        await waitToRetry(retries)
        await shown?.promise
      },
    })
  }

  const authorize = async (
    input: string | URL | Request,
    init: RequestInit,
    credentials: string,
  ): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${credentials}`)
    const signals = [AbortSignal.timeout(requestDeadline), ...(init.signal ? [init.signal] : [])]
    return fetch(input, { ...init, headers, signal: firstOf(signals) })
  }
  return {
    url,
    fetch: async (input, init = {}) => {
      const first = await tokens.get()
      const response = await authorize(input, init, first)
      if (response.status !== 401) return response
      tokens.drop(first)
      return authorize(input, init, await tokens.get())
    },
    subscribe: (payload, sink) => {
      let isStopped = false
      let end = (): void => {}
      const stop = (): void => {
        isStopped = true
        end()
      }
      const begin = (): void => {
        end = (client ??= open()).subscribe(payload, {
          ...sink,
          next: (value) => {
            try {
              sink.next(value as never)
            } catch (error) {
              // graphql-ws would take it for a fault of the connection, and open another for ever.
              stop()
              sink.error(error)
            }
          },
          error: (error) => {
            if (deviceId !== undefined || !isReplaced(error)) return sink.error(error)
            // graphql-ws would count it among those that keep a connection open.
            end()
            void waitToRetry(replacements).then(() => isStopped || closing.signal.aborted || begin())
          },
          complete: () => sink.complete(),
        })
      }
      begin()
      return stop
    },
    close: async () => {
      answered()
      closing.abort()
      device.release()
      try {
        await client?.dispose()
      } catch {
        // It was not connected.
      }
    },
  }
}

/** `AbortSignal.any`, which Safari before 17.4 does not have. */
function firstOf(signals: readonly AbortSignal[]): AbortSignal {
  const first = new AbortController()
  for (const signal of signals) {
    const abort = (): void => first.abort(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true, signal: first.signal })
  }
  return first.signal
}
