import { isIP, isIPv6 } from 'node:net'

/** A block of addresses, such as `10.0.0.0/8`. */
export interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Parses networks separated by commas. An address without a length is a network of one. Undefined when one is malformed. */
export function parseNetworks(text: string): readonly Network[] | undefined {
  const networks: Network[] = []
  for (const part of text.split(',').map((name) => name.trim())) {
    if (part === '') continue
    const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? []
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    const prefix = length === undefined ? bits : Number(length)
    if (version === 0 || prefix > bits) return undefined
    networks.push({ address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' })
  }
  return networks
}

/** The block of addresses that one internet subscriber has: an IPv4 address, or the /64 of an IPv6 address. Other text is answered as it is. */
export function subscriberNetwork(address: string): string {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  return groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
    ? groups.slice(6).flatMap(bytesOf).join('.')
    : `${groups.slice(0, 4).join(':')}::/64`
}

/** All eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [withoutZone] = address.split('%')
  const { hostname } = new URL(`http://[${withoutZone}]`)
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''))
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
}

function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
