import { request } from 'node:http'
import { expect, test } from 'vitest'
import { parseNetworks } from '../../src/model/network.ts'
import { createAddressGuard } from '../../src/outbound/public-url.ts'
import { openReceiver } from '../support/webhook-receiver.ts'

const guard = createAddressGuard([])

test.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://100.64.0.1/',
  'http://100.100.100.200/latest/meta-data/',
  'http://168.63.129.16/metadata',
  'http://169.254.169.254/latest/meta-data/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.0.0.192/',
  'http://192.168.1.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::]/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:8.8.8.8]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::]/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://１２７.０.０.１/',
])('%s is not called', (url) => {
  expect(() => guard.assertAllowed(new URL(url))).toThrow(/no public address/)
})

test.each(['http://8.8.8.8/', 'http://172.32.0.1/', 'http://[2606:4700::1111]/', 'http://[2a00:1450:4001::1]/'])(
  '%s may be called',
  (url) => {
    expect(() => guard.assertAllowed(new URL(url))).not.toThrow()
  },
)

test('what the operator allows may be called, and no more than that', () => {
  const own = createAddressGuard(parseNetworks('10.1.0.0/16, ::1')!)
  expect(() => own.assertAllowed(new URL('http://10.1.255.1/'))).not.toThrow()
  expect(() => own.assertAllowed(new URL('http://[::1]/'))).not.toThrow()
  expect(() => own.assertAllowed(new URL('http://10.2.0.1/'))).toThrow(/no public address/)
  expect(() => own.assertAllowed(new URL('http://[::2]/'))).toThrow(/no public address/)
})

test.each(['10.0.0.0/33', 'fc00::/129', 'localhost', '10.0.0.0/8/8', '10.0.0/8', '/8'])('%s is no network', (text) =>
  expect(parseNetworks(text)).toBeUndefined(),
)

test('a name that leads to the machine itself is refused where it is set, unless the operator allows that', () => {
  for (const url of ['http://localhost/', 'http://hooks.localhost/', 'http://LOCALHOST./']) {
    expect(guard.findFault(new URL(url))).toMatch(/no public address/)
    for (const network of ['127.0.0.0/8', '::1']) {
      expect(createAddressGuard(parseNetworks(network)!).findFault(new URL(url))).toBeUndefined()
    }
  }
  expect(guard.findFault(new URL('http://localhost.example.com/'))).toBeUndefined()
})

/** How a request through the guard's name resolution ends. */
function call(url: string, networks = ''): Promise<number | string> {
  const { lookup } = createAddressGuard(parseNetworks(networks)!)
  return new Promise((resolve) => {
    request(url, { lookup, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
      .on('error', (error) => resolve(error.name))
      .end()
  })
}

test('those who ask for one name at the same time take one thread for it', async () => {
  const { lookup } = createAddressGuard(parseNetworks('127.0.0.0/8')!)
  const look = () =>
    new Promise((resolve, reject) => {
      lookup('localhost', { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
    })
  const asked = Array.from({ length: 20 }, look)
  expect(process.getActiveResourcesInfo().filter((name) => name.startsWith('GetAddrInfo'))).toHaveLength(1)
  const answers = await Promise.all(asked)
  expect(answers).toEqual(answers.map(() => [{ address: '127.0.0.1', family: 4 }]))
  expect(await look()).toEqual(answers[0])
})

test('who wants one address of a name gets one that is allowed', async () => {
  const { lookup } = createAddressGuard(parseNetworks('127.0.0.0/8')!)
  const answer = await new Promise((resolve) => {
    lookup('localhost', {}, (error, address, family) => resolve({ error, address, family }))
  })
  expect(answer).toEqual({ error: null, address: '127.0.0.1', family: 4 })
})

test('a name is allowed or not by the address it resolves to', async () => {
  await using receiver = await openReceiver()
  expect(await call(`http://localhost:${receiver.port}/`)).toBe('ForbiddenAddress')
  expect(receiver.received).toEqual([])
  // Of the two addresses of the name only the allowed one is tried.
  expect(await call(`http://localhost:${receiver.port}/`, '127.0.0.0/8')).toBe(200)
})
