import {
  createServer,
  ServerResponse,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MIMEType } from 'node:util'
import { Counts } from '../instruments/by-words.ts'
import { Request, withRequest } from '../tracing/request.ts'
import { readBody, type BodyError } from './body.ts'
import type { PageListener } from './page.ts'
import { traceRequest } from './trace-request.ts'

/** Longer than load balancers keep idle connections, in milliseconds: one that closes as a request is sent on it makes a 502. */
const keepAliveTimeout = 75_000

/** By the beginning of the target, so that REST answers malformed ones in its own format, too. */
const restPath = /^\/v1(?:[/?]|$)/

/** `database`: the database has not answered for a while. `stopping`: this process is stopping. */
export type Unreadiness = 'database' | 'stopping'

const routeNames = ['graphql', 'console', 'rest', 'metrics', 'health', 'page'] as const
const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** Responses over HTTP, for operators. */
export type ResponseCounts = Counts<{ route: typeof routeNames; status: typeof statusClasses }>

export const createResponseCounts = (): ResponseCounts => new Counts({ route: routeNames, status: statusClasses })

/** By the beginning of the target: what is none of these is the page's. */
function routeNameOf(target = '/'): (typeof routeNames)[number] {
  if (target.startsWith('/graphql')) return 'graphql'
  if (/^\/console\/(?:graphql|session)(?:[/?]|$)/.test(target)) return 'console'
  if (restPath.test(target)) return 'rest'
  if (target.startsWith('/metrics')) return 'metrics'
  return /^\/(?:healthz|readyz)/.test(target) ? 'health' : 'page'
}

/** Responds to a request whose body was read. */
export type BodyListener = (request: IncomingMessage, response: ServerResponse, body: string) => void

export function createHttpServer(routes: {
  graphql: BodyListener
  rest: RequestListener
  metrics: RequestListener
  demoTokens: RequestListener
  /** Undefined where there is no page. */
  console: { readonly graphql: BodyListener; readonly session: BodyListener } | undefined
  page: PageListener
  /** Why this process should get no new connections; undefined when it should. Must not wait: it is called often. */
  unreadiness: () => Unreadiness | undefined
  responses: ResponseCounts
}): Server {
  const options = {
    requestTimeout: 60_000,
    headersTimeout: 10_000,
    connectionsCheckingInterval: 5000,
    keepAliveTimeout,
    shouldUpgradeCallback: isForWebSocket,
    ServerResponse: class extends ServerResponse {
      /** While the process stops, a client sends its next request to another one: on this connection it could meet the closing. */
      override writeHead(status: number, reason?: never, headers?: never): this {
        if (routes.unreadiness() === 'stopping') this.shouldKeepAlive = false
        const group = statusClasses[Math.trunc(status / 100) - 1] ?? '5xx'
        routes.responses.add({ route: routeNameOf(this.req.url), status: group })
        return super.writeHead(status, reason, headers)
      }
    },
  }
  const answerRequest: RequestListener = (request, response) => {
    toOriginForm(request)
    // Nearly all responses are private. Others, and streams, set the header themselves.
    response.setHeader('cache-control', 'no-store')
    if (restPath.test(request.url ?? ''))
      return traceRequest(request, response, '/v1', () => routes.rest(request, response))
    const path = pathOf(request)
    if (path === undefined) return answer(response, 400, { errors: [badInput('the address or the Host is malformed')] })
    if (path === '/healthz') return answer(response, 200, { status: 'ok' })
    if (path === '/readyz') {
      const reason = routes.unreadiness()
      if (reason === undefined) return answer(response, 200, { status: 'ok' })
      return answer(response, 503, { status: 'unavailable', reason })
    }
    if (path === '/metrics' && request.method === 'GET') return routes.metrics(request, response)
    if (path === '/demo/tokens') return routes.demoTokens(request, response)
    const asked = path === '/graphql' ? routes.graphql : routes.console?.[consolePaths[path]!]
    if (!asked) {
      if (routes.page(request, response, path)) return
      return answer(response, 404, { error: 'not found' })
    }
    traceRequest(request, response, path, () => answerJson(asked, request, response))
  }
  const server = createServer(options, (request, response) => {
    const current = new Request(request.headers['x-request-id'])
    response.setHeader('x-request-id', current.id)
    withRequest(current, () => answerRequest(request, response))
  })
  return server.on('clientError', refuseUnreadable)
}

const consolePaths: Readonly<Record<string, 'graphql' | 'session'>> = {
  '/console/graphql': 'graphql',
  '/console/session': 'session',
}

function answerJson(listener: BodyListener, request: IncomingMessage, response: ServerResponse): void {
  const refusal = refuseMediaType(request)
  if (refusal) return answer(response, refusal.status, { errors: [refusal.error] })
  if (request.method !== 'POST') return listener(request, response, '')
  readBody(request).then(
    (body) => listener(request, response, body),
    ({ status, message, headers }: BodyError) => answer(response, status, { errors: [badInput(message)] }, headers),
  )
}

/**
 * Responds as Node does to malformed requests. A connection without a request, as browsers open ahead, is closed without a response: a request
 * that is sent at that moment would take it for its own, but is sent again on another connection.
 */
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

/** Ignores offers of other protocols, such as HTTP/2 without TLS: the request is answered over HTTP/1.1. */
function isForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Turns a target in absolute form, as proxies may send, into a path and the `Host` header (RFC 9112, 3.2.2). */
export function toOriginForm(request: IncomingMessage): void {
  const [origin, host] = /^https?:\/\/([^/?#]+)/i.exec(request.url!) ?? []
  if (origin === undefined) return
  request.headers.host = host
  request.url = request.url!.slice(origin.length).replace(/^(?!\/)/, '/')
}

/** The path of the request; undefined when its target or host is malformed. */
export function pathOf({ url = '/', headers }: IncomingMessage): string | undefined {
  if (!URL.canParse(`http://${headers.host ?? 'localhost'}`)) return undefined
  // Alone, one that begins with two slashes would be the name of a host.
  return URL.parse(url.startsWith('/') ? `http://localhost${url}` : url, 'http://localhost')?.pathname
}

/** Whether all escapes are UTF-8. A percent sign that begins no escape stands for itself. */
export function isWellEncoded(text: string): boolean {
  if (!text.includes('%')) return true
  try {
    decodePercent(text)
    return true
  } catch {
    return false
  }
}

/** Throws when escapes are not UTF-8. */
export function decodePercent(text: string): string {
  return decodeURIComponent(text.replace(/%(?![\da-f]{2})/gi, '%25'))
}

/**
 * Accepts JSON alone: a page of another site can make a browser post a form or plain text with remembered credentials, without asking first.
 * Both GraphQL servers get one spelling of the type.
 */
function refuseMediaType(request: IncomingMessage) {
  if (request.method !== 'POST') return undefined
  if (!isJson(request.headers['content-type'])) {
    return { status: 415, error: badInput('the Content-Type of a request must be application/json, in UTF-8') }
  }
  request.headers['content-type'] = 'application/json'
  return undefined
}

export function isJson(mediaType: string | undefined): boolean {
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

/** More than can wait to be accepted. */
const maxAccepted = 1000

/**
 * Accepts what the system has connected and nobody has accepted yet: it would be reset with the listener, and a proxy that has sent a POST on such a
 * connection does not try again. The event loop accepts one connection a turn.
 */
async function acceptAll(server: Server): Promise<void> {
  let hasAccepted = true
  const note = (): void => void (hasAccepted = true)
  server.on('connection', note)
  for (let turn = 0; hasAccepted && turn < maxAccepted; turn++) {
    hasAccepted = false
    await nextTurn()
  }
  server.off('connection', note)
}

/** How often connections are closed that have become idle while the server closes, in milliseconds. */
const idleMilliseconds = 50

/** Stops accepting, and resolves when all requests are answered and all connections have closed. */
export async function closeHttpServer(server: Server): Promise<void> {
  await acceptAll(server)
  const closed = new Promise((resolve) => server.close(resolve))
  // A connection whose request came before the stop is kept alive after its response.
  const timer = setInterval(() => server.closeIdleConnections(), idleMilliseconds)
  server.closeIdleConnections()
  await closed
  clearInterval(timer)
}
