import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({ TRUST_PROXY: '1' })
})
afterAll(() => kit.close())

test('P12: who guesses at one process is refused at another, by what Redis knows, which no password can be read from', async () => {
  const { accountId, authToken } = kit.server.account
  const servers = [kit.server, await kit.another()]
  const given = new AbortController()
  const guess = async (at: number, password: string, address = '192.0.2.77') => {
    const headers = { authorization: `Basic ${btoa(`${accountId}:${password}`)}`, 'x-forwarded-for': address }
    const response = await fetch(`${servers[at]!.url}/v1/Services`, { headers, signal: given.signal })
    await response.text()
    return response.status
  }
  // An address is looked up in Redis where it has guessed before.
  expect([await guess(0, 'first'), await guess(1, 'first')]).toEqual([401, 401])
  const redis = new Redis(kit.store.redisUrl!)
  try {
    const guesses = Array.from({ length: 10 }, (_, number) => guess(0, `guess-${number}`).catch(() => 0))
    const slots = `rate:10:5:guesses:192.0.2.77 ${accountId}`
    await waitFor(async () => (await redis.get(slots)) === '10')
    expect([await guess(1, 'another'), await guess(1, authToken)]).toEqual([429, 429])
    expect(await guess(1, authToken, '192.0.2.78')).toBe(200)
    const keys = await redis.keys('rate:*')
    expect(keys).toContain(slots)
    expect(keys.filter((key) => /first|guess-\d|another/.test(key) || key.includes(authToken))).toEqual([])
    given.abort()
    await Promise.all(guesses)
  } finally {
    redis.disconnect()
  }
})
