import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ApiKeyDocument,
  CreateApiKeyDocument,
  RateLimitsDocument,
  RateRefusalsDocument,
  UpdateApiKeyDocument,
  ViewerDocument,
  type RateInput,
} from '../../schema/generated/graphql.ts'
import { Caller, openKit, openSocket, requestOver, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({}, { hasRates: true })
})
afterAll(() => kit.close())

async function makeKey(rate?: RateInput) {
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: { rate } })
  const { id } = createApiKey.apiKey
  return { id, caller: new Caller(kit.server, `Basic ${btoa(`${id}:${createApiKey.secret}`)}`) }
}

const rest = (caller: Caller) =>
  fetch(`${kit.server.url}/v1/Services`, { headers: { authorization: caller.authorization } })

test('P16: an API key with a rate is counted over GraphQL and REST together, by all processes', async () => {
  const { id, caller } = await makeKey({ limit: 3, seconds: 60 })
  const other = new Caller(await kit.another(), caller.authorization)
  const before = kit.server.app.rateCounters.refusals.counts.key
  const first = await rest(caller)
  expect([first.status, first.headers.get('ratelimit-policy')]).toEqual([200, '"key";q=3;w=60'])
  expect(first.headers.get('ratelimit')).toMatch(/^"key";r=2;t=(59|60)$/)
  await first.text()
  await other.request(ViewerDocument)
  await caller.request(ViewerDocument)
  const error = await other.expectRefusal(ViewerDocument, {}, 'RATE_LIMITED')
  expect(error.extensions.retryAfterMs).toBeGreaterThan(50_000)
  const refused = await rest(caller)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  expect(refused.headers.get('ratelimit')).toMatch(/^"key";r=0;t=\d+$/)
  expect(await refused.json()).toMatchObject({
    status: 429,
    code: 20429,
    message: 'at most 3 operations of this API key in 60 seconds',
  })
  expect(kit.server.app.rateCounters.refusals.counts.key).toBeGreaterThan(before)
  // Each process has refused one.
  const { rateRefusals } = await kit.backend.request(RateRefusalsDocument, { kind: 'KEY' })
  expect(rateRefusals.silentProcesses).toEqual([])
  expect(rateRefusals.nodes).toMatchObject([{ apiKeyId: id, userId: null, count: 2, limit: 3, seconds: 60 }])
  // Others are not counted.
  const { caller: free } = await makeKey()
  for (let time = 0; time < 10; time++) await free.request(ViewerDocument)
  expect((await free.request(RateLimitsDocument)).viewer.rateLimits).toEqual([])
})

test('P16: a rate that is changed holds on open connections too, and can be taken away', async () => {
  const { id, caller } = await makeKey({ limit: 1, seconds: 60 })
  expect((await kit.backend.request(ApiKeyDocument, { id })).apiKey).toMatchObject({ rate: { limit: 1, seconds: 60 } })
  const client = openSocket(await kit.another(), { authorization: caller.authorization })
  await requestOver(client, ViewerDocument, {})
  await expect(requestOver(client, ViewerDocument, {})).rejects.toThrow('RATE_LIMITED')
  await kit.backend.request(UpdateApiKeyDocument, { input: { apiKeyId: id, rate: { limit: 1000, seconds: 60 } } })
  await waitFor(() => requestOver(client, ViewerDocument, {}))
  const { viewer } = await requestOver(client, RateLimitsDocument, {})
  expect(viewer.rateLimits).toMatchObject([{ kind: 'KEY', limit: 1000, seconds: 60 }])
  await kit.backend.request(UpdateApiKeyDocument, { input: { apiKeyId: id, friendlyName: 'named' } })
  await kit.backend.request(UpdateApiKeyDocument, { input: { apiKeyId: id, rate: null } })
  const { apiKey } = await kit.backend.request(ApiKeyDocument, { id })
  expect(apiKey).toMatchObject({ friendlyName: 'named', rate: null })
  const { viewer: free } = await waitFor(async () => {
    const read = await requestOver(client, RateLimitsDocument, {})
    return read.viewer.rateLimits.length === 0 && read
  })
  expect(free.rateLimits).toEqual([])
  await client.dispose()
  for (const rate of [
    { limit: 0, seconds: 1 },
    { limit: 1, seconds: 61 },
  ]) {
    await kit.backend.expectRefusal(UpdateApiKeyDocument, { input: { apiKeyId: id, rate } }, 'BAD_USER_INPUT')
    await kit.backend.expectRefusal(CreateApiKeyDocument, { input: { rate } }, 'BAD_USER_INPUT')
  }
  await kit.backend.expectRefusal(UpdateApiKeyDocument, { input: { apiKeyId: id } }, 'BAD_USER_INPUT')
})
