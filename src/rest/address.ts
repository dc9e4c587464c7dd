import type { IncomingMessage } from 'node:http'
import type { Config } from '../config/config.ts'
import { readForwarded } from '../http/client-address.ts'

const host = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Whether the `Origin` of a page is this server's own. `null`, of a page without an origin, is not. */
export function isOwnOrigin(origin: string, config: Config, request: IncomingMessage): boolean {
  const own = [
    request.headers.host,
    readForwarded(config, request, 'x-forwarded-host'),
    config.PUBLIC_URL === undefined ? undefined : new URL(config.PUBLIC_URL).host,
  ]
  const { host: asked } = URL.parse(origin) ?? {}
  return asked !== undefined && asked !== '' && own.includes(asked)
}

/** The beginning of this server's addresses, as the client sees them. */
export function originOf(config: Config, request: IncomingMessage): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/+$/, '')
  const scheme = readForwarded(config, request, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
  const named = [readForwarded(config, request, 'x-forwarded-host'), request.headers.host].find(
    (name) => name !== undefined && host.test(name),
  )
  return `${scheme}://${named ?? `localhost:${request.socket.localPort}`}`
}
