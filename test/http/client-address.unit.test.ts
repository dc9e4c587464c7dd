import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { readClientAddress } from '../../src/http/client-address.ts'

function read(forwardedFor: string | undefined, trust: 'true' | 'false' = 'true'): string {
  const request = { headers: { 'x-forwarded-for': forwardedFor }, socket: { remoteAddress: '192.0.2.1' } }
  return readClientAddress(readConfig({ TRUST_PROXY: trust }), request as unknown as IncomingMessage)
}

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['203.0.113.9,  2001:db8::7 ', '2001:db8::7'],
  ['198.51.100.7:4711', '198.51.100.7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['203.0.113.9, unknown', '192.0.2.1'],
  ['203.0.113.9,', '192.0.2.1'],
  ['', '192.0.2.1'],
  [undefined, '192.0.2.1'],
])('of X-Forwarded-For: %j, the address is %s', (forwardedFor, address) => {
  expect(read(forwardedFor)).toBe(address)
})

test('where no proxy is trusted, what a client writes there is not looked at', () => {
  expect(read('198.51.100.7', 'false')).toBe('192.0.2.1')
})
