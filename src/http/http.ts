import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { MIMEType } from 'node:util'
import { readBody, type BodyError } from './body.ts'

/** Longer than balancers keep a connection: one that is closed as a balancer sends a request on it is a 502. In milliseconds. */
const keepAliveTimeout = 75_000

/** The answer of `/`, for a browser or a check of the address. */
const welcome = `fonechat, a chat server. GraphQL is at /graphql, over HTTP, WebSocket and Server-Sent Events.
REST is at /v1, as /v1/openapi.json describes it.
`

/** By its first letters alone: REST answers in its own shape what cannot be read, too. */
const restPath = /^\/v1(?:[/?]|$)/

/** `database`: it has not answered for a while. `stopping`: this process was told to end. */
export type Unreadiness = 'database' | 'stopping'

/** Answers a request whose body was read. */
export type BodyListener = (request: IncomingMessage, response: ServerResponse, body: string) => void

export function createHttpServer(routes: {
  graphql: BodyListener
  rest: RequestListener
  metrics: RequestListener
  /** Why this process should get no new connections; undefined when it should. Read from memory: it is asked all the time. */
  unreadiness: () => Unreadiness | undefined
}): Server {
  const options = {
    requestTimeout: 60_000,
    headersTimeout: 10_000,
    connectionsCheckingInterval: 5000,
    keepAliveTimeout,
    shouldUpgradeCallback: isForWebSocket,
  }
  const server = createServer(options, (request, response) => {
    toOriginForm(request)
    // Nearly all that is answered is private. What is not, or is a stream, says so itself.
    response.setHeader('cache-control', 'no-store')
    if (restPath.test(request.url ?? '')) return routes.rest(request, response)
    const path = pathOf(request)
    if (path === undefined) return answer(response, 400, { errors: [badInput('the address or the Host is malformed')] })
    if (path === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
      return response.end(welcome)
    }
    if (path === '/healthz') return answer(response, 200, { status: 'ok' })
    if (path === '/readyz') {
      const reason = routes.unreadiness()
      if (reason === undefined) return answer(response, 200, { status: 'ok' })
      return answer(response, 503, { status: 'unavailable', reason })
    }
    if (path === '/metrics' && request.method === 'GET') return routes.metrics(request, response)
    if (path !== '/graphql') return answer(response, 404, { error: 'not found' })
    const refusal = refuseMediaType(request)
    if (refusal) return answer(response, refusal.status, { errors: [refusal.error] })
    if (request.method !== 'POST') return routes.graphql(request, response, '')
    readBody(request).then(
      (body) => routes.graphql(request, response, body),
      ({ status, message, headers }: BodyError) => answer(response, status, { errors: [badInput(message)] }, headers),
    )
  })
  return server.on('clientError', refuseUnreadable)
}

/** The answers of Node, but for a connection that was opened ahead, as browsers do: whoever asks at the moment of the timeout would take it for the answer. Closed in silence, it is asked again. */
function refuseUnreadable({ code }: NodeJS.ErrnoException, connection: Duplex): void {
  const socket = connection as Socket & { readonly _httpMessage?: ServerResponse }
  if (!socket.writable || socket.bytesRead === 0 || socket._httpMessage?.headersSent) return void socket.destroy()
  const status = unreadableStatus[code ?? ''] ?? 400
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
}

const unreadableStatus: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
}

/** Other upgrades are offers, such as HTTP/2 without TLS, that are passed over: the request is answered as it is. */
function isForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/** A proxy may send the whole address, whose host counts then (RFC 9112, 3.2.2). What comes next reads a path and the header. */
export function toOriginForm(request: IncomingMessage): void {
  const [origin, host] = /^https?:\/\/([^/?#]+)/i.exec(request.url!) ?? []
  if (origin === undefined) return
  request.headers.host = host
  request.url = request.url!.slice(origin.length).replace(/^(?!\/)/, '/')
}

/** Undefined where the request's address or host cannot be read: whoever comes next would throw. */
export function pathOf({ url = '/', headers }: IncomingMessage): string | undefined {
  return URL.canParse(`http://${headers.host ?? 'localhost'}`)
    ? URL.parse(url, 'http://localhost')?.pathname
    : undefined
}

/** Whether percent signs stand for UTF-8; one that begins no escape stands for itself. */
export function isWellEncoded(text: string): boolean {
  if (!text.includes('%')) return true
  try {
    decodePercent(text)
    return true
  } catch {
    return false
  }
}

/** Throws where what is escaped is not UTF-8. */
export function decodePercent(text: string): string {
  return decodeURIComponent(text.replace(/%(?![\da-f]{2})/gi, '%25'))
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

export function badInput(message: string) {
  return { message, extensions: { code: 'BAD_USER_INPUT' } }
}

export function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'access-control-allow-origin': '*',
    ...headers,
  })
  response.end(text)
}

/** Stops accepting, lets running requests finish, and cuts off what is left after the given time. */
export async function closeHttpServer(server: Server, milliseconds: number): Promise<void> {
  // A connection whose answer ends from now on is not kept for another request.
  server.keepAliveTimeout = 1
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), milliseconds)
  await closed
  clearTimeout(timer)
}
