import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ApiKeyDocument,
  CreateApiKeyDocument,
  CreateChannelDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import { readInternalApiKey } from '../../../src/store/account.ts'
import { Caller, openKit, openSocket, requestOver, type Kit } from '../../support/kit.ts'
import { refusalOf, shutOut, unauthenticated } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({ TRUST_PROXY: '1' })
})
afterAll(() => kit.close())

const basic = (name: string, password: string): string => `Basic ${btoa(`${name}:${password}`)}`

async function viewersOf(authorization: string) {
  const client = openSocket(kit.server, { authorization })
  const overSocket = await requestOver(client, ViewerDocument)
  await client.dispose()
  const overHttp = await new Caller(kit.server, authorization).request(ViewerDocument)
  return [overHttp.viewer, overSocket.viewer]
}

async function makeKey() {
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: { friendlyName: 'for a test' } })
  return createApiKey
}

test('the account SID and its auth token open the backend over HTTP and WebSocket', async () => {
  const { accountId, authToken, serviceId } = kit.server.account
  for (const viewer of await viewersOf(basic(accountId, authToken))) {
    expect(viewer).toMatchObject({ kind: 'BACKEND', accountId, identity: null, user: null, service: { id: serviceId } })
  }
})

test('an API key opens the backend of its account over HTTP and WebSocket', async () => {
  const { apiKey, secret } = await makeKey()
  expect(apiKey).toMatchObject({ id: expect.stringMatching(/^SK[0-9a-f]{32}$/), friendlyName: 'for a test' })
  for (const viewer of await viewersOf(basic(apiKey.id, secret))) {
    expect(viewer).toMatchObject({ kind: 'BACKEND', accountId: kit.server.account.accountId })
  }
})

test('wrong names and passwords are all answered alike', async () => {
  const { accountId, authToken } = kit.server.account
  const { apiKey, secret } = await makeKey()
  const unknownAccount = `AC${'0'.repeat(32)}`
  const wrong = [
    basic(accountId, 'wrong'),
    basic(accountId, ''),
    basic(accountId, `${authToken} `),
    basic(accountId, secret),
    basic(apiKey.id, 'wrong'),
    basic(apiKey.id, authToken),
    basic(unknownAccount, authToken),
    basic(`SK${'0'.repeat(32)}`, secret),
    basic('alice', 'wrong'),
    basic('', ''),
    `Basic ${btoa(accountId)}`,
    'Basic',
    'Basic %%%',
    'Digest whatever',
  ]
  for (const [number, authorization] of wrong.entries()) {
    expect([authorization, await shutOut(kit.server, { authorization }, `192.0.2.${number}`)]).toEqual([
      authorization,
      unauthenticated(20003),
    ])
  }
})

test('the key that signs the server’s own tokens never opens the backend', async () => {
  const { app, account } = kit.server
  const key = await readInternalApiKey(app.db, account.accountId)
  const authorization = basic(key!.id, app.secrets.open(key!.secret))
  expect(await shutOut(kit.server, { authorization })).toEqual(unauthenticated(20003))
})

test('without credentials only the schema can be read, and nothing is written', async () => {
  const nobody = new Caller(kit.server, '')
  expect(await nobody.request('{ __schema { queryType { name } } }')).toEqual({
    __schema: { queryType: { name: 'Query' } },
  })
  expect(await refusalOf(nobody, ViewerDocument)).toEqual({ code: 'UNAUTHENTICATED', chatCode: 20003 })
  const uniqueName = 'made-by-nobody'
  expect(await refusalOf(nobody, CreateChannelDocument, { input: { uniqueName } })).toEqual({
    code: 'UNAUTHENTICATED',
    chatCode: 20003,
  })
  const { channel } = await kit.backend.request<{ channel: unknown }, object>(
    '{ channel(id: "made-by-nobody") { id } }',
  )
  expect(channel).toBeNull()
})

test('a socket that names no credentials, or none that can be any, is closed', async () => {
  const codes = []
  for (const parameters of [{}, { token: 5 }, { authorization: ['Basic x'] }, { deviceId: 'phone' }]) {
    const client = openSocket(kit.server, parameters)
    const closed = new Promise<number>((resolve) => client.on('closed', (event) => resolve((event as CloseEvent).code)))
    requestOver(client, ViewerDocument).catch(() => {})
    codes.push(await closed)
    await client.dispose()
  }
  expect(codes).toEqual([4403, 4400, 4400, 4403])
})

test('the secret of a key is shown once, and stands nowhere in the clear', async () => {
  const { apiKey, secret } = await makeKey()
  const { authToken } = kit.server.account
  const rows = await kit.store.db.orm.execute(
    'SELECT secret FROM api_keys UNION ALL SELECT auth_token FROM accounts UNION ALL SELECT token FROM auth_tokens UNION ALL SELECT webhook_secret FROM services',
  )
  const stored = JSON.stringify(rows)
  expect(stored.length).toBeGreaterThan(100)
  expect(stored).not.toContain(secret)
  expect(stored).not.toContain(authToken)
  expect(JSON.stringify(await kit.backend.request(ApiKeyDocument, { id: apiKey.id }))).not.toContain(secret)
})
