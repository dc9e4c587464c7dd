import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateApiKeyDocument, MessageBodiesDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, record, uniqueName, User, type Kit } from '../../support/kit.ts'
import { shutOut, unauthenticated } from '../../support/refusal.ts'

const issuer = 'https://id.example.com'
const audience = 'fonechat'

let kit: Kit
let issuerServer: HttpServer
let keys: Awaited<ReturnType<typeof generateKeyPair>>
let isAway = false
beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true })
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' }] })
  issuerServer = createServer((_request, response) => {
    response.writeHead(isAway ? 503 : 200, { 'content-type': 'application/json' }).end(jwks)
  })
  await new Promise<void>((resolve) => issuerServer.listen(0, '127.0.0.1', resolve))
  kit = await openKit(settings())
})
afterAll(async () => {
  await kit.close()
  issuerServer.close()
})

function settings(): Record<string, string> {
  const { port } = issuerServer.address() as AddressInfo
  return { JWKS_URL: `http://127.0.0.1:${port}/jwks.json`, JWT_ISSUER: issuer, JWT_AUDIENCE: audience }
}

const now = (): number => Math.floor(Date.now() / 1000)

function sign(
  claims: Readonly<Record<string, unknown>> = {},
  { key = keys.privateKey, alg = 'ES256', kid = 'one' } = {},
): Promise<string> {
  return new SignJWT({ iss: issuer, aud: audience, sub: 'alice', exp: now() + 3600, ...claims })
    .setProtectedHeader({ alg, kid })
    .sign(key)
}

async function viewerOf(token: string) {
  return (await new User(kit.server, '', token).request(ViewerDocument)).viewer
}

test('the subject of a token of the operator’s issuer is the identity, in the default service', async () => {
  const sub = uniqueName('alice')
  expect(await viewerOf(await sign({ sub }))).toMatchObject({
    kind: 'USER',
    identity: sub,
    service: { id: kit.server.account.serviceId },
    user: { role: { friendlyName: 'service user' } },
  })
})

test('the claim service_sid names another service of the account, and none of another account', async () => {
  const { serviceId } = kit.server.account
  expect(await viewerOf(await sign({ service_sid: serviceId }))).toMatchObject({ service: { id: serviceId } })
  const { service } = await makeAccount(kit)
  for (const service_sid of [service.id, newSid('IS'), 'IS', 5]) {
    expect(await shutOut(kit.server, { token: await sign({ service_sid }) })).toEqual(unauthenticated(20106))
  }
})

test('a token whose claims are wrong is refused with the code that says which', async () => {
  const wrong: [string, string, number][] = [
    ['another issuer', await sign({ iss: 'https://evil.example.com' }), 20103],
    ['another audience', await sign({ aud: 'someone-else' }), 20103],
    ['no subject', await sign({ sub: undefined }), 20103],
    ['no end', await sign({ exp: undefined }), 20103],
    ['expired', await sign({ exp: now() - 60 }), 20104],
    ['not valid yet', await sign({ nbf: now() + 600 }), 20105],
    ['a bad identity', await sign({ sub: 'system' }), 20106],
    ['the internal form', await sign({ iss: newSid('SK') }), 20103],
  ]
  for (const [what, token, chatCode] of wrong) {
    expect([what, await shutOut(kit.server, { token })]).toEqual([what, unauthenticated(chatCode)])
  }
})

test('only asymmetric algorithms count, and only with the issuer’s own keys', async () => {
  const secret = Buffer.from(await exportSPKI(keys.publicKey)) as never
  const stranger = await generateKeyPair('ES256')
  const claims = { iss: issuer, aud: audience, sub: 'alice', exp: now() + 3600 }
  const wrong: [string, string, number][] = [
    ['HMAC with the public key as its secret', await sign({}, { alg: 'HS256', key: secret }), 20101],
    ['the algorithm none', new UnsecuredJWT(claims).encode(), 20101],
    ['another key of the same name', await sign({}, { key: stranger.privateKey }), 20107],
    ['a key that the issuer does not have', await sign({}, { kid: 'two' }), 20107],
  ]
  for (const [what, token, chatCode] of wrong) {
    expect([what, await shutOut(kit.server, { token })]).toEqual([what, unauthenticated(chatCode)])
  }
})

test('a key of the issuer does not sign in the name of an API key', async () => {
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const { accountId, serviceId } = kit.server.account
  const grants = { identity: 'alice', chat: { service_sid: serviceId } }
  const token = await sign({ iss: createApiKey.apiKey.id, sub: accountId, grants })
  expect(await shutOut(kit.server, { token })).toEqual(unauthenticated(20101))
})

test('a token that lives for months, or for ever, keeps its socket open', async () => {
  for (const exp of [now() + 60 * 24 * 3600, 8.64e12 + 1]) {
    const identity = uniqueName('patient')
    const user = new User(kit.server, identity, await sign({ sub: identity, exp }))
    const { id: channelId } = await kit.channel([user])
    const client = user.connect()
    const recording = record(client, MessageBodiesDocument, { channelId })
    for (let index = 0; index < 3; index++) {
      await kit.backend.send(channelId, 'still here')
      expect(await recording.atLeast(index + 1)).toHaveLength(index + 1)
    }
    await client.dispose()
  }
})

test('while the issuer does not answer, a token is neither good nor bad: try again', async () => {
  await using other = await openKit(settings())
  const token = await sign()
  isAway = true
  expect(await shutOut(other.server, { token })).toEqual({ status: 503, code: 'UNAVAILABLE', closeCode: 1013 })
  isAway = false
  expect((await new User(other.server, '', token).request(ViewerDocument)).viewer.identity).toBe('alice')
})
