import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { waitFor } from './wait.ts'

/** One call of a webhook, as it arrived. */
export interface Received {
  readonly method: string
  /** Scheme, host, path and query, as the receiver would check its signature. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: string
  /** Of the body, a form or JSON, or of the query of a GET. */
  readonly parameters: Readonly<Record<string, string>>
}

type Answer = (received: Received, response: ServerResponse) => unknown

/** A real HTTP server that takes webhooks. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** What it does; by default it says `received message`, as the product's examples do. */
  answer: Answer
  /** Those of one event. */
  of(event: string): Received[]
  atLeast(count: number, event?: string): Promise<readonly Received[]>
  close(): Promise<void>
}

export function ok(_received: Received, response: ServerResponse): void {
  response.end('received message')
}

/** Answers with JSON. */
export function json(body: unknown, status = 200): Answer {
  return (_received, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

export async function openReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => void take(request, response))
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const url = `http://${request.headers.host}${request.url}`
    const query = new URL(url).searchParams
    const call: Received = {
      method: request.method!,
      url,
      headers: request.headers as Record<string, string>,
      query,
      body,
      parameters:
        request.headers['content-type'] === 'application/json'
          ? (JSON.parse(body) as Record<string, string>)
          : Object.fromEntries(request.method === 'GET' ? query : new URLSearchParams(body)),
    }
    received.push(call)
    await receiver.answer(call, response)
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const taken = (server.address() as AddressInfo).port
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const of = (event: string): Received[] => received.filter(({ parameters }) => parameters['EventType'] === event)
  const receiver: Receiver = {
    url: `http://127.0.0.1:${taken}/ip-msg-webhook`,
    port: taken,
    received,
    answer: ok,
    of,
    atLeast: async (count, event) => {
      const arrived = (): Received[] => (event === undefined ? received : of(event))
      await waitFor(() => arrived().length >= count).catch((error: unknown) => {
        const names = received.map(({ parameters }) => parameters['EventType'])
        throw new Error(`received ${arrived().length} of ${count}: ${names.join(', ')}`, { cause: error })
      })
      return arrived()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return receiver
}
