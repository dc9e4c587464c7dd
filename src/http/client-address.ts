import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Config } from '../config/config.ts'

/** The client's address: the other end of the connection, or what a trusted proxy says. */
export function readClientAddress(config: Config, { headers, socket }: IncomingMessage): string {
  const forwarded = config.TRUST_PROXY ? readForwardedFor(headers['x-forwarded-for']?.toString()) : undefined
  return forwarded ?? socket.remoteAddress ?? ''
}

/** Only the last entry is the proxy's own; a client may have sent the others. Some proxies add a port. */
function readForwardedFor(header: string | undefined): string | undefined {
  const last = header?.split(',').at(-1)!.trim()
  return [last, /^\[(.+)\](?::\d+)?$/.exec(last ?? '')?.[1], /^([\d.]+):\d+$/.exec(last ?? '')?.[1]].find(
    (address) => address !== undefined && isIP(address) !== 0,
  )
}
