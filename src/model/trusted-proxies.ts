import { BlockList } from 'node:net'
import { parseNetworks } from './network.ts'

/** Which proxies are believed: so many before this server, those of some networks, or `true`, an old spelling of one. */
export type TrustedProxies = number | BlockList | true

/** Proxies that one request may have passed. Whatever is named beyond them is not looked at. */
export const maxProxies = 32

export const trustedProxiesExpected = `a number of proxies from 0 to ${maxProxies}, or networks such as 10.0.0.0/8,::1/128`

/** Names of networks, as Express and Fastify have them. */
const named: Readonly<Record<string, string>> = {
  loopback: '127.0.0.0/8,::1/128',
  linklocal: '169.254.0.0/16,fe80::/10',
  uniquelocal: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
}

/** Undefined when the text is neither a number nor networks. */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  if (text === 'true') return true
  if (text === 'false') return 0
  if (/^\d{1,2}$/.test(text)) return Number(text) <= maxProxies ? Number(text) : undefined
  const spelled = text.split(',').map((part) => named[part.trim()] ?? part)
  const networks = parseNetworks(spelled.join(','))
  if (networks === undefined || networks.length === 0) return undefined
  const list = new BlockList()
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family)
  return list
}
