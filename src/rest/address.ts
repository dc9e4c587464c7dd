import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Config } from '../config/config.ts'

const host = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** The first of what proxies say in a header; nothing where they are not trusted. */
function readForwarded(config: Config, headers: IncomingHttpHeaders, name: string): string | undefined {
  return config.TRUST_PROXY ? headers[name]?.toString().split(',')[0]!.trim() : undefined
}

/** Whether a page is ours, by the host of the `Origin` it has sent; `null`, of a page that has none, is not. */
export function isOwnOrigin(origin: string, config: Config, { headers }: IncomingMessage): boolean {
  const own = [
    headers.host,
    readForwarded(config, headers, 'x-forwarded-host'),
    config.PUBLIC_URL === undefined ? undefined : new URL(config.PUBLIC_URL).host,
  ]
  const { host: asked } = URL.parse(origin) ?? {}
  return asked !== undefined && asked !== '' && own.includes(asked)
}

/** What the client has to put before a path to come here again. */
export function originOf(config: Config, { headers, socket }: IncomingMessage): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/+$/, '')
  const scheme = readForwarded(config, headers, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
  const named = [readForwarded(config, headers, 'x-forwarded-host'), headers.host].find(
    (name) => name !== undefined && host.test(name),
  )
  return `${scheme}://${named ?? `localhost:${socket.localPort}`}`
}
