import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import twilio from 'twilio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CreateApiKeyDocument,
  HistoryDocument,
  SendMessageDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import { Caller, openKit, openSocket, record, requestOver, uniqueName, type Kit } from '../support/kit.ts'

const { AccessToken } = twilio.jwt

let kit: Kit
let jwks: ReturnType<typeof createServer>
let issuer: CryptoKeyPair
beforeAll(async () => {
  issuer = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(issuer.publicKey)), kid: 'one', alg: 'ES256' }]
  jwks = createServer((_request, response) => response.end(JSON.stringify({ keys })))
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
  kit = await openKit({
    JWKS_URL: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/`,
    JWT_ISSUER: 'https://issuer.example',
    JWT_AUDIENCE: 'chat',
  })
})
afterAll(async () => {
  await kit.close()
  await new Promise((resolve) => jwks.close(resolve))
})

async function createApiKey() {
  const { createApiKey: made } = await kit.backend.request(CreateApiKeyDocument, { input: { friendlyName: 'test' } })
  return { id: made.apiKey.id, secret: made.secret }
}

const bearer = (token: string) => new Caller(kit.server, `Bearer ${token}`)
const basic = (name: string, password: string) => new Caller(kit.server, `Basic ${btoa(`${name}:${password}`)}`)

interface Claims {
  readonly key: { readonly id: string; readonly secret: string }
  readonly sub?: string
  readonly grants?: object
  readonly seconds?: number
  readonly alg?: string
}

/** A token as the helper libraries make it, and as they do not. */
function sign({ key, sub, grants, seconds = 60, alg = 'HS256' }: Claims): Promise<string> {
  const { accountId, serviceId } = kit.server.account
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ grants: grants ?? { identity: 'alice', chat: { service_sid: serviceId } } })
    .setProtectedHeader({ alg, cty: 'twilio-fpa;v=1' })
    .setIssuer(key.id)
    .setSubject(sub ?? accountId)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(Buffer.from(key.secret))
}

describe('the backend', () => {
  test('signs in with the auth token or with an API key, over HTTP and WebSocket', async () => {
    const key = await createApiKey()
    const byKey = basic(key.id, key.secret)
    for (const caller of [kit.backend, byKey]) {
      const { viewer } = await caller.request(ViewerDocument)
      expect(viewer).toMatchObject({ kind: 'BACKEND', accountId: kit.server.account.accountId, identity: null })
      const client = openSocket(kit.server, { authorization: caller.authorization })
      expect((await requestOver(client, ViewerDocument)).viewer.kind).toBe('BACKEND')
      await client.dispose()
    }
  })

  test('names a channel when it subscribes', async () => {
    const client = openSocket(kit.server, { authorization: kit.backend.authorization })
    const received = record(client, MessageBodiesDocument, {})
    await received.ended()
    expect(received.errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })])
    await client.dispose()
  })

  test('is not let in with a wrong password, nor with the key that signs the server’s own tokens', async () => {
    const { accountId } = kit.server.account
    const user = await kit.user()
    const { iss } = JSON.parse(atob(user.token.split('.')[1]!)) as { iss: string }
    const key = await createApiKey()
    for (const [name, password] of [
      [accountId, 'wrong'],
      [accountId, ''],
      [key.id, 'wrong'],
      ['AC00000000000000000000000000000000', kit.server.account.authToken],
      [iss, ''],
      ['', ''],
    ] as const) {
      await basic(name, password).expectRefusal(ViewerDocument, undefined, 'UNAUTHENTICATED', 20003)
    }
  })
})

describe('a user', () => {
  test('signs in with the token of the helper library, whatever its algorithm and generation', async () => {
    const { accountId, serviceId } = kit.server.account
    const key = await createApiKey()
    const identity = uniqueName('alice')
    const token = new AccessToken(accountId, key.id, key.secret, { identity })
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: serviceId, endpointId: 'browser' }))
    const older = { identity, ip_messaging: { service_sid: serviceId } }
    for (const jwt of [token.toJwt(), token.toJwt('HS384'), token.toJwt('HS512'), await sign({ key, grants: older })]) {
      const { viewer } = await bearer(jwt).request(ViewerDocument)
      expect(viewer).toMatchObject({ kind: 'USER', identity, service: { id: serviceId } })
      expect(viewer.user!.role.friendlyName).toBe('service user')
    }
  })

  test('signs in with a token of the operator’s own issuer', async () => {
    const issue = (claims: object, { iss = 'https://issuer.example', aud = 'chat' } = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(iss)
        .setAudience(aud)
        .setExpirationTime('1m')
        .sign(issuer.privateKey)
    const identity = uniqueName('bob')
    const { serviceId } = kit.server.account
    for (const claims of [{ sub: identity }, { sub: identity, service_sid: serviceId }]) {
      const { viewer } = await bearer(await issue(claims)).request(ViewerDocument)
      expect(viewer).toMatchObject({ identity, service: { id: serviceId } })
    }
    const wrong = [
      [await issue({ sub: identity, service_sid: 'IS00000000000000000000000000000000' }), 20106],
      [await issue({ sub: identity }, { iss: 'https://other.example' }), 20103],
      [await issue({ sub: identity }, { aud: 'mail' }), 20103],
      [await issue({ sub: 'system' }), 20106],
    ] as const
    for (const [token, code] of wrong) {
      await bearer(token).expectRefusal(ViewerDocument, undefined, 'UNAUTHENTICATED', code)
    }
  })

  test('is not let in with a token that is wrong in any way', async () => {
    const key = await createApiKey()
    const other = await createApiKey()
    const { serviceId } = kit.server.account
    const unsigned =
      `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ iss: key.id, sub: 'x', exp: 9e9 }))}.`.replaceAll('=', '')
    const wrong = [
      ['not.a.token', 20101],
      ['', 20101],
      [unsigned, 20101],
      [await sign({ key, seconds: -60 }), 20104],
      [await sign({ key: { ...key, secret: other.secret } }), 20107],
      [await sign({ key: { ...key, id: 'SK00000000000000000000000000000000' } }), 20103],
      [await sign({ key, sub: 'AC00000000000000000000000000000000' }), 20103],
      [await sign({ key, grants: { identity: 'alice' } }), 20106],
      [await sign({ key, grants: { identity: '', chat: { service_sid: serviceId } } }), 20106],
      [await sign({ key, grants: { identity: 'a', chat: { service_sid: `IS${'0'.repeat(32)}` } } }), 20106],
      [await sign({ key, seconds: 25 * 3600 }), 20157],
    ] as const
    for (const [token, chatCode] of wrong) {
      const refusal = await bearer(token).expectRefusal(ViewerDocument, undefined, 'UNAUTHENTICATED', chatCode)
      expect(refusal.message).not.toContain(key.secret)
      const client = openSocket(kit.server, { token })
      const received = record(client, MessageBodiesDocument, {})
      await received.ended()
      expect(received.errors).toEqual([expect.objectContaining({ code: 4403, reason: refusal.message })])
      await client.dispose()
    }
  })

  test('sees only the service that its token is for, and becomes one user however often it comes', async () => {
    const identity = uniqueName('carol')
    const key = await createApiKey()
    const grants = { identity, chat: { service_sid: kit.server.account.serviceId } }
    const callers = await Promise.all(Array.from({ length: 10 }, async () => bearer(await sign({ key, grants }))))
    const viewers = await Promise.all(callers.map((caller) => caller.request(ViewerDocument)))
    expect(new Set(viewers.map(({ viewer }) => viewer.user!.id)).size).toBe(1)
  })
})

test('another account’s backend finds nothing here', async () => {
  const { app } = kit.server
  const { createAccount } = await import('../../src/domain/access/account.ts')
  const accountId = 'AC11111111111111111111111111111111'
  await app.db.transaction((tx) => createAccount(tx, app.secrets, accountId, 'the other token'))
  const stranger = basic(accountId, 'the other token')
  const channel = await kit.channel([])
  expect((await stranger.request(ViewerDocument)).viewer.accountId).toBe(accountId)
  expect(await stranger.request(HistoryDocument, { channelId: channel.id })).toEqual({ channel: null })
  await stranger.expectRefusal(
    SendMessageDocument,
    { input: { channelId: channel.id, body: 'hello' } },
    'NOT_FOUND',
    50300,
  )
})
