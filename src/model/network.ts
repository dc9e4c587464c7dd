import { isIP } from 'node:net'

/** A block of addresses, such as `10.0.0.0/8`. */
export interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Networks with commas between them; an address without a length is itself alone. Undefined when one is malformed. */
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
