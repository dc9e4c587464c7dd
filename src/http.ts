import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MIMEType } from 'node:util'

/** Larger than any request with the largest body and attributes. */
const bodyBytes = 1024 * 1024

/** By its first letters alone: REST answers in its own shape what cannot be read, too. */
const restPath = /^\/v1(?:[/?]|$)/

/** `database`: it has not answered for a while. `stopping`: this process was told to end. */
export type Unreadiness = 'database' | 'stopping'

export function createHttpServer(routes: {
  graphql: RequestListener
  rest: RequestListener
  metrics: RequestListener
  /** Why this process should get no new connections; undefined when it should. Read from memory: it is asked all the time. */
  unreadiness: () => Unreadiness | undefined
}): Server {
  return createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, (request, response) => {
    // Nearly all that is answered is private. What is not, or is a stream, says so itself.
    response.setHeader('cache-control', 'no-store')
    if (restPath.test(request.url ?? '')) return routes.rest(request, response)
    const path = pathOf(request)
    if (path === undefined) return answer(response, 400, { errors: [badInput('the address or the Host is malformed')] })
    if (path === '/healthz') return answer(response, 200, { status: 'ok' })
    if (path === '/readyz') {
      const reason = routes.unreadiness()
      if (reason === undefined) return answer(response, 200, { status: 'ok' })
      return answer(response, 503, { status: 'unavailable', reason })
    }
    if (path === '/metrics' && request.method === 'GET') return routes.metrics(request, response)
    if (path !== '/graphql') return answer(response, 404, { error: 'not found' })
    const refusal = refuseBody(request) ?? refuseMediaType(request)
    if (refusal) return answer(response, refusal.status, { errors: [refusal.error] })
    routes.graphql(request, response)
  })
}

/** Undefined where the request's address or host cannot be read: whoever comes next would throw. */
export function pathOf({ url = '/', headers }: IncomingMessage): string | undefined {
  return URL.canParse(`http://${headers.host ?? 'localhost'}`)
    ? URL.parse(url, 'http://localhost')?.pathname
    : undefined
}

/** A body is refused by what it says of itself, before it is read. */
function refuseBody(request: IncomingMessage) {
  const length = request.headers['content-length']
  if (request.headers['transfer-encoding'] !== undefined) {
    return { status: 411, error: badInput('a request needs a Content-Length') }
  }
  if (Number(length ?? 0) > bodyBytes) {
    return { status: 413, error: badInput(`a request must not be longer than ${bodyBytes} bytes`) }
  }
  return undefined
}

/**
 * JSON alone: a page of another site can have a browser post a form or plain text, with credentials that the browser remembers, and
 * is not asked whether it may. Both GraphQL servers read what is left under one name, however it was spelled.
 */
function refuseMediaType(request: IncomingMessage) {
  if (request.method !== 'POST') return undefined
  if (!isJson(request.headers['content-type'])) {
    return { status: 415, error: badInput('the Content-Type of a request must be application/json, in UTF-8') }
  }
  request.headers['content-type'] = 'application/json'
  return undefined
}

function isJson(mediaType: string | undefined): boolean {
  try {
    const { essence, params } = new MIMEType(mediaType ?? '')
    return essence === 'application/json' && /^utf-?8$/i.test(params.get('charset') ?? 'utf-8')
  } catch {
    return false
  }
}

function badInput(message: string) {
  return { message, extensions: { code: 'BAD_USER_INPUT' } }
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'access-control-allow-origin': '*',
    ...(status === 413 && { connection: 'close' }),
  })
  response.end(text)
}

export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/** Stops accepting, lets running requests finish, and cuts off what is left after the given time. */
export async function closeHttpServer(server: Server, milliseconds: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), milliseconds)
  await closed
  clearTimeout(timer)
}
