import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose'
import twilio from 'twilio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateAccessTokenDocument, CreateApiKeyDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { insertService, readService } from '../../../src/store/service.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, openSocket, requestOver, uniqueName, User, type Kit } from '../../support/kit.ts'
import { refusalOf, shutOut, unauthenticated } from '../../support/refusal.ts'

const { AccessToken } = twilio.jwt

let kit: Kit
let key: { readonly id: string; readonly secret: string }
beforeAll(async () => {
  kit = await openKit()
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  key = { id: createApiKey.apiKey.id, secret: createApiKey.secret }
})
afterAll(() => kit.close())

interface TokenOptions {
  readonly alg?: string
  readonly secret?: string
}

/** A token as the helper libraries make it, with these members in place of theirs. */
async function sign(
  members: Readonly<Record<string, unknown>> = {},
  { alg = 'HS256', secret = key.secret }: TokenOptions = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const { accountId, serviceId } = kit.server.account
  const payload = {
    jti: `${key.id}-${now}`,
    iss: key.id,
    sub: accountId,
    iat: now,
    exp: now + 3600,
    grants: { identity: 'alice', chat: { service_sid: serviceId } },
    ...members,
  }
  return new SignJWT(payload).setProtectedHeader({ typ: 'JWT', alg, cty: 'twilio-fpa;v=1' }).sign(Buffer.from(secret))
}

async function identityOf(token: string): Promise<string | null | undefined> {
  const user = new User(kit.server, '', token)
  const client = user.connect()
  const overSocket = await requestOver(client, ViewerDocument)
  await client.dispose()
  const { viewer } = await user.request(ViewerDocument)
  expect(viewer).toMatchObject({ kind: 'USER', service: { id: kit.server.account.serviceId } })
  expect(overSocket.viewer).toEqual(viewer)
  return viewer.identity
}

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset

test('a token that createAccessToken makes signs its user in over HTTP and WebSocket', async () => {
  const identity = uniqueName('alice')
  const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, {
    input: { identity, ttlSeconds: 60 },
  })
  expect(await identityOf(createAccessToken.token)).toBe(identity)
  expect(new Date(createAccessToken.expiresAt).getTime()).toBe(decodeJwt(createAccessToken.token).exp! * 1000)
})

test('a token of the official helper library signs its user in, whatever algorithm it uses', async () => {
  const { accountId, serviceId } = kit.server.account
  for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
    const identity = uniqueName('helped')
    const token = new AccessToken(accountId, key.id, key.secret, { identity, ttl: 3600 })
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: serviceId, endpointId: 'phone', pushCredentialSid: 'CR1' }))
    expect(await identityOf(token.toJwt(algorithm))).toBe(identity)
  }
})

test('the grant may stand under the name that the product’s first generation gave it', async () => {
  const grants = { identity: uniqueName('early'), ip_messaging: { service_sid: kit.server.account.serviceId } }
  expect(await identityOf(await sign({ grants }))).toBe(grants.identity)
})

test('a token with a wrong claim is refused with the code that says which', async () => {
  const { serviceId } = kit.server.account
  const stranger = await makeAccount(kit)
  const chat = { service_sid: serviceId }
  const wrong: [string, string, number][] = [
    ['expired', await sign({ iat: seconds(-7200), exp: seconds(-3600) }), 20104],
    ['not valid yet', await sign({ nbf: seconds(600) }), 20105],
    ['without an end', await sign({ exp: undefined }), 20103],
    ['longer than 24 hours', await sign({ exp: seconds(24 * 3600 + 60) }), 20157],
    ['longer than 24 hours from now', await sign({ iat: undefined, exp: seconds(25 * 3600) }), 20157],
    ['another account', await sign({ sub: stranger.accountId }), 20103],
    ['no account', await sign({ sub: undefined }), 20103],
    ['an unknown key', await sign({ iss: newSid('SK') }), 20103],
    ['an issuer that is none', await sign({ iss: 'https://id.example.com' }), 20103],
    ['no issuer', await sign({ iss: undefined }), 20103],
    ['no grants', await sign({ grants: undefined }), 20106],
    ['no chat grant', await sign({ grants: { identity: 'alice' } }), 20106],
    ['no identity', await sign({ grants: { chat } }), 20106],
    ['an empty identity', await sign({ grants: { identity: '', chat } }), 20106],
    ['the reserved identity', await sign({ grants: { identity: 'system', chat } }), 20106],
    ['an identity like a SID', await sign({ grants: { identity: newSid('US'), chat } }), 20106],
    ['a long identity', await sign({ grants: { identity: 'x'.repeat(257), chat } }), 20106],
    ['an identity that is no text', await sign({ grants: { identity: 5, chat } }), 20106],
    ['no service', await sign({ grants: { identity: 'alice', chat: {} } }), 20106],
    ['an unknown service', await sign({ grants: { identity: 'alice', chat: { service_sid: newSid('IS') } } }), 20106],
    [
      'another account’s service',
      await sign({ grants: { identity: 'a', chat: { service_sid: stranger.service.id } } }),
      20106,
    ],
  ]
  for (const [what, token, chatCode] of wrong) {
    expect([what, await shutOut(kit.server, { token })]).toEqual([what, unauthenticated(chatCode)])
  }
})

test('a token that was not signed with its key’s secret is refused', async () => {
  const good = await sign()
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const forged = Buffer.from(JSON.stringify({ ...decodeJwt(good), grants: { identity: 'root' } })).toString('base64url')
  const wrong: [string, string, number][] = [
    ['another secret', await sign({}, { secret: 'x'.repeat(32) }), 20107],
    ['a changed payload', `${header}.${forged}.${signature}`, 20107],
    [
      'a changed signature',
      `${header}.${payload}.${signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
      20107,
    ],
    ['no signature', `${header}.${payload}.`, 20107],
    ['the algorithm none', new UnsecuredJWT(decodeJwt(good)).encode(), 20101],
    ['two parts', `${header}.${payload}`, 20101],
    ['no token at all', 'x', 20101],
    ['an empty token', '', 20101],
    ['five parts', 'a.b.c.d.e', 20101],
  ]
  for (const [what, token, chatCode] of wrong) {
    expect([what, await shutOut(kit.server, { token })]).toEqual([what, unauthenticated(chatCode)])
  }
})

test('a token of one service is unknown in another of the same account', async () => {
  const { app, account } = kit.server
  const known = await readService(app.db, account.serviceId)
  const other = await app.db.transaction((tx) =>
    insertService(tx, { ...known!, id: newSid('IS'), friendlyName: 'other', isDefault: false }),
  )
  const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, {
    input: { identity: 'alice', serviceId: account.serviceId },
  })
  const channel = await kit.channel([], { serviceId: other.id, uniqueName: 'in-the-other-service' })
  const alice = new User(kit.server, 'alice', createAccessToken.token)
  for (const id of [channel.id, 'in-the-other-service']) {
    expect(await alice.request<object, object>(`{ channel(id: "${id}") { id } }`)).toEqual({ channel: null })
  }
})

test('createAccessToken refuses a lifetime or an identity that no token may have', async () => {
  const ask = (input: { identity: string; ttlSeconds?: number; serviceId?: string }) =>
    refusalOf(kit.backend, CreateAccessTokenDocument, { input })
  for (const ttlSeconds of [0, -1, 86_401]) {
    expect(await ask({ identity: 'alice', ttlSeconds })).toEqual({ code: 'BAD_USER_INPUT', chatCode: 20157 })
  }
  expect(await ask({ identity: '' })).toEqual({ code: 'BAD_USER_INPUT', chatCode: 50204 })
  expect(await ask({ identity: 'system' })).toEqual({ code: 'BAD_USER_INPUT', chatCode: 50203 })
  for (const serviceId of [newSid('IS'), 'IS', (await makeAccount(kit)).service.id]) {
    expect(await ask({ identity: 'alice', serviceId })).toEqual({ code: 'NOT_FOUND', chatCode: 50050 })
  }
})

test('a socket that brings a token as its authorization is let in too', async () => {
  const client = openSocket(kit.server, { authorization: `Bearer ${await sign()}`, deviceId: 'phone' })
  const { viewer } = await requestOver(client, ViewerDocument)
  await client.dispose()
  expect(viewer).toMatchObject({ kind: 'USER', identity: 'alice', deviceId: 'phone' })
})
