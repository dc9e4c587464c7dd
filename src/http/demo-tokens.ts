import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { hasPage, type Config } from '../config/config.ts'
import type { App } from '../domain/app.ts'
import { createDemoUsers } from '../domain/chat/demo-users.ts'
import { isJson } from './http.ts'

/** Whether the page of this server may have tokens: never on a real database, and never where other machines could ask. */
export function givesDemoTokens(config: Pick<Config, 'PAGE' | 'DATABASE_URL' | 'HOST'>): boolean {
  return hasPage(config) && config.DATABASE_URL === undefined && isLoopback(config.HOST)
}

/**
 * `POST /demo/tokens`: tokens for alice and bob, as `{ users: [{ identity, friendlyName, token, expiresAt }] }`, for the page of this
 * very server in a browser of this machine. 403 for everyone else, 404 where there is no demo.
 */
export function createDemoTokens(app: App): RequestListener {
  const isOn = givesDemoTokens(app.config)
  return (request, response) => {
    if (!isOn || request.method !== 'POST') return answer(response, 404, { error: 'not found' })
    if (!isOwnPage(request)) return answer(response, 403, { error: 'only the page of this server gets these' })
    createDemoUsers(app).then(
      (users) => answer(response, 200, { users }),
      (error: unknown) => {
        app.logger.error({ err: error }, 'the demo has no tokens')
        answer(response, 503, { error: 'unavailable; try again' })
      },
    )
  }
}

/**
 * Another site's page may send here, and with a name of its own for this address (DNS rebinding) it may even read the answer: browsers
 * then name the other site in `Origin` and `Host`. A proxy makes requests of others look local, but says that it is one, or speaks
 * HTTP/1.0, which no browser does.
 */
function isOwnPage({ headers, httpVersion }: Pick<IncomingMessage, 'headers' | 'httpVersion'>): boolean {
  const { host, origin, 'sec-fetch-site': site } = headers
  return (
    httpVersion === '1.1' &&
    host !== undefined &&
    isLoopback(URL.parse(`http://${host}`)?.hostname) &&
    origin === `http://${host}` &&
    (site === undefined || site === 'same-origin') &&
    isJson(headers['content-type']) &&
    !isForwarded(headers)
  )
}

function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => /^(?:forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name))
}

/** Unlike the responses of other paths, these are for no page of another site. */
function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

/** Names and addresses that reach this machine alone. */
function isLoopback(host: string | undefined): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[?::1\]?)$/i.test(host ?? '')
}
