import type { IncomingMessage } from 'node:http'
import type { Config } from '../config/config.ts'
import { limits } from '../model/limits.ts'
import { readForwarded } from './client-address.ts'

const name = 'fonechat_console'

/** Far beyond a cookie that this server has set. */
const maxCookieLength = 4096

/**
 * The `Origin` of the request where it is this server’s own, else undefined: also where the header is missing, which browsers send with every
 * request but GET. A page of another site can make a browser send a request, but not with this header.
 */
export function readOwnOrigin(
  config: Pick<Config, 'PUBLIC_URL' | 'TRUST_PROXY'>,
  request: IncomingMessage,
): string | undefined {
  const { origin, host } = request.headers
  if (origin === undefined) return undefined
  const scheme = readForwarded(config, request, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
  const own = [
    config.PUBLIC_URL,
    ...[host, readForwarded(config, request, 'x-forwarded-host')].map((at) => at && `${scheme}://${at}`),
  ]
  return own.some((address) => address !== undefined && URL.parse(address)?.origin === origin) ? origin : undefined
}

/** The token of the console’s session; undefined without one. */
export function readConsoleToken({ headers: { cookie = '' } }: IncomingMessage): string | undefined {
  if (cookie.length > maxCookieLength) return undefined
  const entries = cookie.split(';').map((entry) => entry.trim())
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** The header that gives a browser the token, or takes it away. `origin` is where the browser stands: over TLS it sends the cookie over TLS alone. */
export function toConsoleCookie(token: string | undefined, origin: string): string {
  const secure = origin.startsWith('https:') ? '; Secure' : ''
  const seconds = token === undefined ? 0 : limits.consoleSessionSeconds
  return `${name}=${token ?? ''}; Path=/console; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}
