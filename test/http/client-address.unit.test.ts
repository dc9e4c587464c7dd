import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { readClientAddress, readForwarded } from '../../src/http/client-address.ts'

/** A request as Node reads it: of a header that comes several times, it joins the values in their order. */
function requestFrom(remoteAddress: string | undefined, headers: Record<string, string | undefined>): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage
}

function read(trust: string, forwardedFor: string | undefined, remote: string | undefined = '192.0.2.1'): string {
  return readClientAddress(readConfig({ TRUST_PROXY: trust }), requestFrom(remote, { 'x-forwarded-for': forwardedFor }))
}

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['203.0.113.9,  2001:db8::7 ', '2001:db8::7'],
  ['198.51.100.7:4711', '198.51.100.7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['fe80::7%eth0', 'fe80::7%eth0'],
  // What is no address was written by nobody that is trusted, or names nobody.
  ['203.0.113.9, unknown', '192.0.2.1'],
  ['203.0.113.9,', '192.0.2.1'],
  ['203.0.113.9, ,', '192.0.2.1'],
  ['198.51.100.7:', '192.0.2.1'],
  ['198.51.100.007', '192.0.2.1'],
  ['2001:db8::7]', '192.0.2.1'],
  ['for=198.51.100.7', '192.0.2.1'],
  ['"198.51.100.7"', '192.0.2.1'],
  ['198.51.100.7 203.0.113.9', '192.0.2.1'],
  ['', '192.0.2.1'],
  [',', '192.0.2.1'],
  [undefined, '192.0.2.1'],
])('behind one proxy, of X-Forwarded-For: %j, the address is %s', (forwardedFor, address) => {
  expect(read('1', forwardedFor)).toBe(address)
  // As it was written before there were numbers.
  expect(read('true', forwardedFor)).toBe(address)
})

test.each([
  ['0', '198.51.100.7', '192.0.2.1'],
  ['false', '198.51.100.7', '192.0.2.1'],
  ['2', '203.0.113.9, 198.51.100.7, 10.0.0.1', '198.51.100.7'],
  ['3', '203.0.113.9, 198.51.100.7, 10.0.0.1', '203.0.113.9'],
  // Fewer proxies than the setting says: nobody further away is named.
  ['3', '198.51.100.7, 10.0.0.1', '198.51.100.7'],
  ['32', '198.51.100.7', '198.51.100.7'],
  ['2', 'unknown, 10.0.0.1', '10.0.0.1'],
  ['2', ', 10.0.0.1', '10.0.0.1'],
])('TRUST_PROXY=%s: of %j, the address is %s', (trust, forwardedFor, address) => {
  expect(read(trust, forwardedFor)).toBe(address)
})

test.each([
  // From the end on: the first that is of none of these networks.
  ['10.0.0.0/8', '10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['10.0.0.0/8', '10.0.0.1', '203.0.113.9, 198.51.100.7, 10.0.0.2', '198.51.100.7'],
  ['10.0.0.0/8', '10.0.0.1', '10.0.0.9, 198.51.100.7, 10.0.0.2', '198.51.100.7'],
  ['10.0.0.0/8', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['10.0.0.0/8', '10.0.0.1', undefined, '10.0.0.1'],
  ['10.0.0.0/8', '10.0.0.1', '198.51.100.7:1, 10.0.0.2:80', '198.51.100.7'],
  ['10.0.0.0/8', '10.0.0.1', '198.51.100.7, unknown', '10.0.0.1'],
  // Called by somebody else, nothing of it is read.
  ['10.0.0.0/8', '192.0.2.1', '10.0.0.2', '192.0.2.1'],
  ['10.0.0.0/8', '11.0.0.1', '198.51.100.7, 10.0.0.2', '11.0.0.1'],
  ['10.0.0.0/8', '::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
  ['10.0.0.0/8', '::ffff:a00:1', '198.51.100.7, ::ffff:10.0.0.2', '198.51.100.7'],
  ['2001:db8:1::/48', '2001:db8:1::5', '2001:db8:2::7, 2001:DB8:1:0::6', '2001:db8:2::7'],
  ['2001:db8:1::/48', '2001:db8:2::5', '198.51.100.7', '2001:db8:2::5'],
  ['10.0.0.1', '10.0.0.1', '198.51.100.7, 10.0.0.2', '10.0.0.2'],
  ['loopback', '127.0.0.1', '198.51.100.7, ::1', '198.51.100.7'],
  ['loopback', '10.0.0.1', '198.51.100.7', '10.0.0.1'],
  ['linklocal', 'fe80::1%eth0', '198.51.100.7, 169.254.0.9', '198.51.100.7'],
  ['uniquelocal', '172.31.0.1', '198.51.100.7, fd00::1, 192.168.1.1, 10.2.3.4', '198.51.100.7'],
  ['uniquelocal', '172.32.0.1', '198.51.100.7', '172.32.0.1'],
  [' loopback , 10.0.0.0/8,', '10.0.0.1', '198.51.100.7, 127.0.0.1', '198.51.100.7'],
] as const)('TRUST_PROXY=%s: called by %s for %j, the address is %s', (trust, remote, forwardedFor, address) => {
  expect(read(trust, forwardedFor, remote)).toBe(address)
})

test('of a thousand entries at most 32 are read', () => {
  const chain = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
  expect(read('10.0.0.0/8', chain.join(','), '10.1.0.0')).toBe(chain.at(-32))
  expect(read('10.0.0.0/8', ['198.51.100.7', ...chain.slice(0, 31)].join(','), '10.1.0.0')).toBe('198.51.100.7')
  expect(read('2', chain.join(','))).toBe(chain.at(-2))
  expect(read('2', ','.repeat(1000))).toBe('192.0.2.1')
})

test('a connection that is gone has no address, and what is said of it counts as before', () => {
  expect(read('0', '198.51.100.7', '')).toBe('')
  expect(readClientAddress(readConfig({ TRUST_PROXY: '10.0.0.0/8' }), requestFrom(undefined, {}))).toBe('')
})

test('`Forwarded` and headers of one entry are not read', () => {
  const headers = { forwarded: 'for=198.51.100.7', 'x-real-ip': '198.51.100.7', 'x-client-ip': '198.51.100.7' }
  expect(readClientAddress(readConfig({ TRUST_PROXY: '1' }), requestFrom('192.0.2.1', headers))).toBe('192.0.2.1')
})

test.each([
  ['0', 'chat.example.com', undefined],
  ['1', 'chat.example.com', 'chat.example.com'],
  // Added to what a client sent: the last one is the proxy's own.
  ['1', 'evil.example, chat.example.com', 'chat.example.com'],
  ['true', 'evil.example, chat.example.com', 'chat.example.com'],
  // Two that both add: the outer one's.
  ['2', 'evil.example, chat.example.com, inner.example', 'chat.example.com'],
  // Two of which one has replaced it.
  ['2', 'chat.example.com', 'chat.example.com'],
  ['192.0.2.0/24', 'evil.example, chat.example.com, inner.example', 'chat.example.com'],
  ['10.0.0.0/8', 'chat.example.com', undefined],
  ['1', undefined, undefined],
])('TRUST_PROXY=%s: of X-Forwarded-Host: %j, the host is %j', (trust, forwarded, host) => {
  const headers = { 'x-forwarded-host': forwarded, 'x-forwarded-for': '198.51.100.7, 192.0.2.2' }
  const config = readConfig({ TRUST_PROXY: trust })
  expect(readForwarded(config, requestFrom('192.0.2.1', headers), 'x-forwarded-host')).toBe(host)
})
