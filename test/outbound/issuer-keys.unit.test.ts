import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createIssuerKeys } from '../../src/outbound/issuer-keys.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { waitFor, within } from '../support/wait.ts'

let moved = 0
const { now } = performance
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + moved)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const minute = 60_000
/** What a connect may cost. */
const limit = 5000

/** An issuer that can fall silent: connections are taken and never answered. */
async function openIssuer() {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] })
  let requests = 0
  const server = createServer((_, response) => {
    requests++
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(jwks)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = await openTcpProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  onTestFinished(async () => {
    proxy.resume()
    await proxy.cut()
    server.close()
  })
  const reports: string[] = []
  const keys = createIssuerKeys(new URL(`http://127.0.0.1:${proxy.port}/jwks.json`), {
    away: () => reports.push('away'),
    back: () => reports.push('back'),
  })
  const find = (kid = 'one') =>
    within(Promise.resolve(keys({ alg: 'ES256', kid }, { payload: '', signature: '' })), limit, 'an answer')
  return { proxy, reports, find, requests: () => requests }
}

test('an issuer that never answers costs all who wait one request and seconds, and is said to be away once', async () => {
  const { proxy, reports, find } = await openIssuer()
  proxy.stall()
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => find()))
  expect(results.every((result) => result.status === 'rejected' && result.reason.code === 'ERR_JWKS_TIMEOUT')).toBe(
    true,
  )
  expect(proxy.taken).toBe(1)
  await expect(find()).rejects.toMatchObject({ code: 'ERR_JWKS_TIMEOUT' })
  expect(reports).toEqual(['away'])
  proxy.resume()
  await Promise.all(Array.from({ length: 20 }, () => find()))
  expect(reports).toEqual(['away', 'back'])
}, 30_000)

test('known keys go on to count while it does not answer, for a day, and nobody waits for it twice', async () => {
  const { proxy, reports, find } = await openIssuer()
  await find()
  proxy.stall()
  moved += 11 * minute
  await find()
  expect(reports).toEqual(['away'])
  for (let hour = 0; hour < 23; hour++) {
    moved += 60 * minute
    await within(find(), 1000, 'a known key')
  }
  // Nothing can be said of one that is not known.
  await expect(find('two')).rejects.toMatchObject({ code: 'ERR_JWKS_TIMEOUT' })
  moved += 60 * minute
  await expect(find()).rejects.toMatchObject({ code: 'ERR_JWKS_TIMEOUT' })
  expect(reports).toEqual(['away'])
  proxy.resume()
  await find()
  await waitFor(() => reports.length === 2)
  expect(reports).toEqual(['away', 'back'])
}, 60_000)

test('keys are read again after ten minutes, and for one that is not known at most twice a minute', async () => {
  const { find, requests } = await openIssuer()
  await Promise.all([find(), find()])
  await expect(find('two')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  expect(requests()).toBe(1)
  moved += minute
  await find()
  for (let at = 0; at < 3; at++) await expect(find('two')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  expect(requests()).toBe(2)
  moved += 11 * minute
  await find()
  expect(requests()).toBe(3)
})
