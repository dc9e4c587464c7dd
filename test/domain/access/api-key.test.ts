import { eq } from 'drizzle-orm'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ApiKeyDocument,
  ApiKeysDocument,
  CreateAccessTokenDocument,
  CreateApiKeyDocument,
  DeleteApiKeyDocument,
  NodeDocument,
  RotateSigningKeyDocument,
  UpdateApiKeyDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import type { ApiKeyId } from '../../../src/model/sid.ts'
import { readInternalApiKey } from '../../../src/store/account.ts'
import { apiKeys } from '../../../src/store/tables/account.ts'
import { makeAccount } from '../../support/authority.ts'
import { Caller, openKit, type Kit } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function makeKey(backend: Caller, friendlyName?: string) {
  const { createApiKey } = await backend.request(CreateApiKeyDocument, { input: { friendlyName } })
  const { apiKey, secret } = createApiKey
  return { id: apiKey.id, caller: new Caller(kit.server, `Basic ${btoa(`${apiKey.id}:${secret}`)}`) }
}

async function listed(backend: Caller) {
  const { apiKeys } = await backend.request(ApiKeysDocument, { first: 100 })
  return apiKeys.edges.map(({ node }) => node)
}

test('keys are listed, renamed and deleted; the key that signs the server’s own tokens is none of them', async () => {
  const { backend, accountId } = await makeAccount(kit)
  expect(await listed(backend)).toEqual([])
  const [one, two] = [await makeKey(backend, 'one'), await makeKey(backend)]
  expect((await listed(backend)).map(({ id, friendlyName }) => [id, friendlyName])).toEqual([
    [one.id, 'one'],
    [two.id, null],
  ])
  await backend.request(UpdateApiKeyDocument, { input: { apiKeyId: two.id, friendlyName: 'two' } })
  expect((await backend.request(ApiKeyDocument, { id: two.id })).apiKey).toMatchObject({ friendlyName: 'two' })
  expect((await backend.request(NodeDocument, { id: two.id })).node).toMatchObject({ __typename: 'ApiKey' })
  await backend.request(DeleteApiKeyDocument, { input: { apiKeyId: one.id } })
  expect((await listed(backend)).map(({ id }) => id)).toEqual([two.id])
  expect((await one.caller.ask(ViewerDocument)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  await two.caller.request(ViewerDocument)
  const { id } = (await readInternalApiKey(kit.store.db, accountId))!
  for (const apiKeyId of [id, one.id, 'no SID']) {
    await backend.expectRefusal(DeleteApiKeyDocument, { input: { apiKeyId } }, 'NOT_FOUND')
    await backend.expectRefusal(UpdateApiKeyDocument, { input: { apiKeyId, friendlyName: 'x' } }, 'NOT_FOUND')
    expect((await backend.request(ApiKeyDocument, { id: apiKeyId })).apiKey).toBeNull()
  }
})

test('keys are the backend’s affair, and each account’s own', async () => {
  const { backend } = await makeAccount(kit)
  const key = await makeKey(backend)
  const stranger = (await makeAccount(kit)).backend
  const alice = await kit.user('alice')
  await alice.expectRefusal(ApiKeysDocument, {}, 'FORBIDDEN', 50107)
  await alice.expectRefusal(DeleteApiKeyDocument, { input: { apiKeyId: key.id } }, 'FORBIDDEN', 50107)
  expect((await alice.request(ApiKeyDocument, { id: key.id })).apiKey).toBeNull()
  await stranger.expectRefusal(DeleteApiKeyDocument, { input: { apiKeyId: key.id } }, 'NOT_FOUND')
  await stranger.expectRefusal(UpdateApiKeyDocument, { input: { apiKeyId: key.id } }, 'NOT_FOUND')
  expect((await stranger.request(ApiKeyDocument, { id: key.id })).apiKey).toBeNull()
  await key.caller.request(ViewerDocument)
})

test('the last use of a key is written, and at most once a minute', async () => {
  const { backend } = await makeAccount(kit)
  const [key, unused] = [await makeKey(backend), await makeKey(backend)]
  const lastUse = async (id: string) => (await backend.request(ApiKeyDocument, { id })).apiKey!.lastUsedAt
  await key.caller.request(ViewerDocument)
  const first = await waitFor(() => lastUse(key.id))
  expect(Date.now() - Date.parse(first)).toBeLessThan(60_000)
  await key.caller.request(ViewerDocument)
  // Its writing would come before that of a key used later.
  const third = await makeKey(backend)
  await third.caller.request(ViewerDocument)
  await waitFor(() => lastUse(third.id))
  expect(await lastUse(key.id)).toEqual(first)
  expect(await lastUse(unused.id)).toBeNull()
})

test('another key signs access tokens, and what the one before has signed is accepted until it ends', async () => {
  const { backend, accountId } = await makeAccount(kit)
  const { db } = kit.store
  const makeToken = async () => {
    const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity: 'bob' } })
    return createAccessToken.token
  }
  const isGood = async (token: string) => !(await new Caller(kit.server, `Bearer ${token}`).ask(ViewerDocument)).errors
  const issuerOf = (token: string) => decodeJwt(token).iss!
  const first = await makeToken()
  const { rotateSigningKey } = await backend.request(RotateSigningKeyDocument)
  expect(Date.parse(rotateSigningKey.previousAcceptedUntil)).toBeGreaterThan(Date.now() + 86_400_000)
  const second = await makeToken()
  expect(issuerOf(second)).not.toBe(issuerOf(first))
  expect([await isGood(first), await isGood(second)]).toEqual([true, true])
  // As if the day had passed.
  await db.orm
    .update(apiKeys)
    .set({ retiresAt: new Date(Date.now() - 1) })
    .where(eq(apiKeys.id, issuerOf(first) as ApiKeyId))
  kit.server.app.caches.apiKeys.clear()
  expect([await isGood(first), await isGood(second)]).toEqual([false, true])
  await backend.request(RotateSigningKeyDocument)
  const left = await db.orm.select().from(apiKeys).where(eq(apiKeys.accountId, accountId))
  expect(left.map(({ id }) => id)).not.toContain(issuerOf(first))
  expect(left).toHaveLength(2)
  expect(await isGood(second)).toBe(true)
})
