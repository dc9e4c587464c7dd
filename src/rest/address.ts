import type { IncomingMessage } from 'node:http'
import type { Config } from '../config.ts'

const host = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** What the client has to put before a path to come here again. */
export function originOf(config: Config, { headers, socket }: IncomingMessage): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/+$/, '')
  const forwarded = (name: string): string | undefined =>
    config.TRUST_PROXY ? headers[name]?.toString().split(',')[0]!.trim() : undefined
  const scheme = forwarded('x-forwarded-proto') === 'https' ? 'https' : 'http'
  const named = [forwarded('x-forwarded-host'), headers.host].find((name) => name !== undefined && host.test(name))
  return `${scheme}://${named ?? `localhost:${socket.localPort}`}`
}
