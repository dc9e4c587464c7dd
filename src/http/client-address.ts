import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6 } from 'node:net'
import type { Config } from '../config/config.ts'
import { maxProxies, type TrustedProxies } from '../model/trusted-proxies.ts'

/**
 * The client's address: that of the last sender that is no trusted proxy. Each proxy adds the address that it was called from to the end
 * of `X-Forwarded-For`, so only what trusted proxies have added is read, from the end; a client may have sent the rest.
 */
export function readClientAddress(config: Pick<Config, 'TRUST_PROXY'>, request: IncomingMessage): string {
  return walk(config.TRUST_PROXY, request).address
}

/**
 * What the outermost trusted proxy has written into `X-Forwarded-Proto` or `X-Forwarded-Host`; undefined without one. Proxies replace the
 * header or add to its end. Where there are fewer entries than proxies, some have replaced it, and the first is the one.
 */
export function readForwarded(
  config: Pick<Config, 'TRUST_PROXY'>,
  request: IncomingMessage,
  name: 'x-forwarded-host' | 'x-forwarded-proto',
): string | undefined {
  const header = request.headers[name]?.toString()
  if (header === undefined) return undefined
  const { proxies } = walk(config.TRUST_PROXY, request)
  const entries = header.split(',')
  return proxies === 0 ? undefined : entries[Math.max(0, entries.length - proxies)]!.trim()
}

/** Goes from the other end of the connection to the client, as far as proxies are trusted and have named addresses. */
function walk(trusted: TrustedProxies, { headers, socket }: IncomingMessage): { address: string; proxies: number } {
  const entries = headers['x-forwarded-for']?.toString().split(',') ?? []
  let address = socket.remoteAddress ?? ''
  let proxies = 0
  while (isTrusted(trusted, address, proxies)) {
    proxies++
    const named = parseEntry(entries.at(-proxies) ?? '')
    if (named === undefined) break
    address = named
  }
  return { address, proxies }
}

function isTrusted(trusted: TrustedProxies, address: string, passed: number): boolean {
  if (trusted === true) return passed === 0
  if (typeof trusted === 'number') return passed < trusted
  return passed < maxProxies && isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** An address, alone or with a port, as some proxies write it. */
function parseEntry(entry: string): string | undefined {
  const text = entry.trim()
  return [text, /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1], /^([\d.]+):\d+$/.exec(text)?.[1]].find(
    (address) => address !== undefined && isIP(address) !== 0,
  )
}
