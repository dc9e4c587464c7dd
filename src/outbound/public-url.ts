import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { Network } from '../model/network.ts'

/** Addresses for special purposes (RFC 6890), and the one metadata service with another address. */
const specialNetworks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]

/** Only this range of IPv6 is public; within it, these are tunnels to anywhere, benchmarks and documentation. */
const globalNetwork = '2000::/3'
const specialNetworks6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address, prefix] = network.split('/')
    list.addSubnet(address!, Number(prefix), family)
  }
  return list
}

const special = listOf(specialNetworks, 'ipv4')
const special6 = listOf(specialNetworks6, 'ipv6')
const global6 = listOf([globalNetwork], 'ipv6')

function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address)
    case 6:
      return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
    default:
      return false
  }
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}

/** By the lengths that DNS has room for (RFC 1035, 2.3.4). */
function isName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  return name.length <= 253 && name.split('.').every((label) => label.length > 0 && label.length <= 63)
}

/** A request that was not made, because its address is not allowed. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'

  constructor(host: string) {
    super(`${host} is no public address, and WEBHOOK_NETWORKS does not allow it`)
  }
}

export interface AddressGuard {
  /** Throws ForbiddenAddress for a URL whose host is an address that is not allowed: `lookup` is not called for it. */
  assertAllowed(url: URL): void
  /** Why this URL could never be called, wherever its name leads; undefined where it could. */
  findFault(url: URL): string | undefined
  /** Name resolution that returns allowed addresses only, so the checked address is the one that is connected to. */
  readonly lookup: LookupFunction
}

type Resolved = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/**
 * Resolves a name once for all concurrent calls. Each resolution occupies one of the process's few threads, and a name server that does not
 * answer must not occupy all of them.
 */
function createResolver() {
  const pending = new Map<string, Resolved[]>()
  return (hostname: string, options: LookupOptions, answer: Resolved): void => {
    const key = JSON.stringify([hostname, options.family, options.hints])
    const others = pending.get(key)
    if (others) {
      others.push(answer)
      return
    }
    const waiting = [answer]
    pending.set(key, waiting)
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      pending.delete(key)
      for (const one of waiting) one(error, addresses)
    })
  }
}

/** Lets requests go to public addresses and to what the operator allows. */
export function createAddressGuard(allowed: readonly Network[]): AddressGuard {
  const resolve = createResolver()
  const list = new BlockList()
  for (const { address, prefix, family } of allowed) list.addSubnet(address, prefix, family)
  const isAllowed = (address: string): boolean =>
    isPublicAddress(address) || list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  const assertAllowed = ({ hostname }: Pick<URL, 'hostname'>): void => {
    const host = hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && !isAllowed(host)) throw new ForbiddenAddress(hostname)
  }
  return {
    assertAllowed,
    findFault: ({ hostname, port }) => {
      if (port === '0') return 'has port 0, on which nobody listens'
      if (!isAddress(hostname) && !isName(hostname)) return `has the host ${hostname}, which can be no name`
      // By RFC 6761 these names have no other addresses.
      if (/(?:^|\.)localhost\.?$/.test(hostname) && !isAllowed('127.0.0.1') && !isAllowed('::1')) {
        return new ForbiddenAddress(hostname).message
      }
      try {
        assertAllowed({ hostname })
        return undefined
      } catch (error) {
        return (error as ForbiddenAddress).message
      }
    },
    lookup: (hostname, options, answer) => {
      resolve(hostname, options, (error, addresses) => {
        if (error) return answer(error, [])
        const usable = addresses.filter(({ address }) => isAllowed(address))
        const [first] = usable
        if (!first) return answer(new ForbiddenAddress(hostname), [])
        if (options.all) return answer(null, usable)
        answer(null, first.address, first.family)
      })
    },
  }
}
