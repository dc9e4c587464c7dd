import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Config } from '../config/config.ts'

const host = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** The first entry of a proxy's header; undefined when proxies are not trusted. */
function readForwarded(config: Config, headers: IncomingHttpHeaders, name: string): string | undefined {
  return config.TRUST_PROXY ? headers[name]?.toString().split(',')[0]!.trim() : undefined
}

/** Whether the `Origin` of a page is this server's own. `null`, of a page without an origin, is not. */
export function isOwnOrigin(origin: string, config: Config, { headers }: IncomingMessage): boolean {
  const own = [
    headers.host,
    readForwarded(config, headers, 'x-forwarded-host'),
    config.PUBLIC_URL === undefined ? undefined : new URL(config.PUBLIC_URL).host,
  ]
  const { host: asked } = URL.parse(origin) ?? {}
  return asked !== undefined && asked !== '' && own.includes(asked)
}

/** The beginning of this server's addresses, as the client sees them. */
export function originOf(config: Config, { headers, socket }: IncomingMessage): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/+$/, '')
  const scheme = readForwarded(config, headers, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
  const named = [readForwarded(config, headers, 'x-forwarded-host'), headers.host].find(
    (name) => name !== undefined && host.test(name),
  )
  return `${scheme}://${named ?? `localhost:${socket.localPort}`}`
}
