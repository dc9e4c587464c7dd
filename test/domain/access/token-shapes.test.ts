import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CreateApiKeyDocument, DeleteUserDocument } from '../../../schema/generated/graphql.ts'
import { captureLog, type CapturedLog } from '../../support/captured-log.ts'
import { openKit, uniqueName, type Answer, type Kit } from '../../support/kit.ts'
import { freshAddress } from '../../support/refusal.ts'
import { shutOut, unauthenticated } from '../../support/refusal.ts'

/** Credentials of any shape: refused with the documented code, and never a fault of the server. */
const issuer = 'https://id.example.com'
const audience = 'fonechat'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let kit: Kit
let log: CapturedLog
let keys: HttpServer
let apiKey: { readonly id: string; readonly secret: string }
beforeAll(async () => {
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] })
  keys = createServer((_request, response) => void response.setHeader('content-type', 'application/json').end(jwks))
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
  const { port } = keys.address() as AddressInfo
  kit = await openKit({
    TRUST_PROXY: '1',
    JWKS_URL: `http://127.0.0.1:${port}/`,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
  })
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  apiKey = { id: createApiKey.apiKey.id, secret: createApiKey.secret }
  log = captureLog(kit.server.app.logger)
})
afterEach(() => log.clear())
afterAll(async () => {
  await kit.close()
  keys.close()
})

const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset

/** A kind of token: what it says when it is good, and who signs it. The parts are JSON as text, since JSON says more than values can. */
interface Kind {
  readonly name: string
  readonly header: Readonly<Record<string, unknown>>
  claims(): Readonly<Record<string, unknown>>
  sign(text: string): Buffer
}

const kinds: readonly Kind[] = [
  {
    name: 'of an API key',
    header: { typ: 'JWT', alg: 'HS256', cty: 'twilio-fpa;v=1' },
    claims: () => ({
      iss: apiKey.id,
      sub: kit.server.account.accountId,
      iat: seconds(),
      nbf: seconds(),
      exp: seconds(3600),
      aud: audience,
      grants: { identity: 'alice', chat: { service_sid: kit.server.account.serviceId, deployment_role_sid: 'RL1' } },
    }),
    sign: (text) => createHmac('sha256', apiKey.secret).update(text).digest(),
  },
  {
    name: 'of the operator’s issuer',
    header: { typ: 'JWT', alg: 'ES256', kid: 'one' },
    claims: () => ({
      iss: issuer,
      aud: audience,
      sub: 'alice',
      iat: seconds(),
      nbf: seconds(),
      exp: seconds(3600),
      service_sid: kit.server.account.serviceId,
      grants: {},
    }),
    sign: (text) => signWith('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  },
]

const encoded = (text: string): string => Buffer.from(text).toString('base64url')

function tokenOf(kind: Kind, payload: string, header = JSON.stringify(kind.header)): string {
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${kind.sign(text).toString('base64url')}`
}

/** These members as JSON, the one at this path as this text. */
function withMember(members: object, path: string, text: string): string {
  const [name = '', ...rest] = path.split('.')
  const inner = (members as Record<string, object>)[name] ?? {}
  const texts = Object.entries({ ...members, [name]: inner }).map(([key, value]) => {
    const json = key !== name ? JSON.stringify(value) : rest.length > 0 ? withMember(inner, rest.join('.'), text) : text
    return `${JSON.stringify(key)}:${json}`
  })
  return `{${texts.join(',')}}`
}

const claimNames = ['exp', 'nbf', 'iat', 'sub', 'iss', 'aud', 'jti', 'service_sid', 'grants']
const grantNames = ['identity', 'chat', 'ip_messaging', 'chat.service_sid', 'chat.deployment_role_sid']
const claims = [...claimNames, ...grantNames.map((name) => `grants.${name}`)]
const headers = ['alg', 'typ', 'cty', 'kid', 'crit', 'b64', 'jwk', 'jku', 'x5c', 'zip', 'enc']

/** What values of JSON there are beside those that fast-check makes: beyond all numbers, beyond Unicode, deep, long. */
const oddTexts = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '0.5',
  '1e999',
  '-1e999',
  '1e308',
  '-1e308',
  '8.64e15',
  '9007199254740993',
  '""',
  '"x"',
  '"NaN"',
  '"\\ud800"',
  '"\\u0000"',
  '"a\\u0000b"',
  '"🦉"',
  '"__proto__"',
  `"${'x'.repeat(3000)}"`,

  '[]',
  '{}',
  '[null]',
  '{"toString":1}',
  '{"length":1e9}',
  '{"__proto__":{"a":1}}',
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
]
const jsonText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.jsonValue().map((value) => JSON.stringify(value)),
)

/** What an `Authorization` header meets over HTTP. */
async function answerTo(authorization: string, path = '/graphql') {
  const response = await fetch(`${kit.server.url}${path}`, {
    method: path === '/graphql' ? 'POST' : 'GET',
    headers: { authorization, 'content-type': 'application/json', 'x-forwarded-for': freshAddress() },
    ...(path === '/graphql' && { body: '{"query":"{ viewer { kind } }"}' }),
  })
  return { status: response.status, body: (await response.json()) as Answer<unknown> & { code?: number } }
}

/** Of credentials in a token, by the part of it that is wrong. */
const documented: ReadonlySet<unknown> = new Set([20003, 20101, 20103, 20104, 20105, 20106, 20107, 20157])

/** Let in, or refused as documented; nothing else. */
async function expectDocumented(authorization: string): Promise<void> {
  const { status, body } = await answerTo(authorization)
  const [error] = body.errors ?? []
  expect(log.faults).toEqual([])
  if (status === 200 && !error) return
  expect([status, error?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  expect(documented).toContain(error!.extensions.chatCode)
}

describe.for(kinds)('a token $name', (kind) => {
  test('is let in as it is made here', async () => {
    expect(await answerTo(`Bearer ${tokenOf(kind, JSON.stringify(kind.claims()))}`)).toMatchObject({ status: 200 })
  })

  test('whose times are not finite, or in the future, is refused over HTTP and WebSocket', async () => {
    const wrong: [claim: string, value: string, chatCode: number][] = [
      ['iat', String(seconds(60)), 20105],
      ['iat', String(seconds(10 * 365 * 24 * 3600)), 20105],
      ['iat', '1e308', 20105],
      ['iat', '1e999', 20103],
      ['iat', '-1e999', 20103],
      ['exp', '1e999', 20103],
      ['exp', '-1e999', 20104],
      ['nbf', '1e999', 20105],
      ['nbf', '-1e999', 20103],
      ['nbf', '"tomorrow"', 20103],
      ['iss', '["SK"]', 20103],
      ['iss', '5', 20103],
      ['iss', '{}', 20103],
    ]
    for (const [claim, value, chatCode] of wrong) {
      const token = tokenOf(kind, withMember(kind.claims(), claim, value))
      // By a list or a number nobody is named, and then it is the issuer's, which signs otherwise.
      const expected = claim === 'iss' && kind === kinds[0] ? 20101 : chatCode
      expect([claim, value, await shutOut(kit.server, { token })]).toEqual([claim, value, unauthenticated(expected)])
    }
  })

  test('may be issued a few seconds ahead, by a clock that differs', async () => {
    const token = tokenOf(kind, withMember(kind.claims(), 'iat', String(seconds(3))))
    expect(await answerTo(`Bearer ${token}`)).toMatchObject({ status: 200 })
  })

  test.for(claims)('with any JSON in %s is let in, or refused as documented', async (claim) => {
    const run = (text: string) => expectDocumented(`Bearer ${tokenOf(kind, withMember(kind.claims(), claim, text))}`)
    for (const text of oddTexts) await run(text)
    await fc.assert(fc.asyncProperty(jsonText, run), { numRuns: 50 })
    expect(log.faults).toEqual([])
  })

  test.for(headers)('with any JSON in the header %s is let in, or refused as documented', async (name) => {
    const payload = JSON.stringify(kind.claims())
    const run = (text: string) =>
      expectDocumented(`Bearer ${tokenOf(kind, payload, withMember(kind.header, name, text))}`)
    for (const text of [...oddTexts, '["exp"]', '["b64"]', '"none"', '"HS512"', '"ES256"', '"RS256"', '"A128KW"']) {
      await run(text)
    }
    await fc.assert(fc.asyncProperty(jsonText, run), { numRuns: 20 })
    expect(log.faults).toEqual([])
  })

  test('whose parts are any JSON, or none, is let in or refused as documented', async () => {
    for (const text of [...oddTexts, '', '{', 'text', '\ufeff{}']) {
      await expectDocumented(`Bearer ${tokenOf(kind, text)}`)
      await expectDocumented(`Bearer ${tokenOf(kind, JSON.stringify(kind.claims()), text)}`)
    }
    const unencoded = tokenOf(
      kind,
      JSON.stringify(kind.claims()),
      JSON.stringify({ ...kind.header, b64: false, crit: ['b64'] }),
    )
    await expectDocumented(`Bearer ${unencoded}`)
    const [header, payload, signature] = tokenOf(kind, JSON.stringify(kind.claims())).split('.') as [
      string,
      string,
      string,
    ]
    const parts = [
      '',
      '.',
      '..',
      '...',
      header,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
    ]
    for (const token of [...parts, `${header}.${payload}.${signature}.${signature}`, `${header}.=.${signature}`]) {
      await expectDocumented(`Bearer ${token}`)
    }
    expect(log.faults).toEqual([])
  })
})

test('a token from the future does not outlive the deletion of its user', async () => {
  for (const kind of kinds) {
    const identity = uniqueName('leaver')
    const own = kind === kinds[0] ? { grants: { ...(kind.claims()['grants'] as object), identity } } : { sub: identity }
    const tokens = [0, 3600].map((ahead) =>
      tokenOf(kind, JSON.stringify({ ...kind.claims(), ...own, iat: seconds(ahead), exp: seconds(7200) })),
    )
    expect(await answerTo(`Bearer ${tokens[0]}`)).toMatchObject({ status: 200 })
    await kit.backend.request(DeleteUserDocument, { input: { userId: identity } })
    for (const token of tokens) expect(await answerTo(`Bearer ${token}`)).toMatchObject({ status: 401 })
  }
})

/** Node refuses a request whose headers have more than this. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((unit) => unit !== 0x7f)
    .map((unit) => String.fromCharCode(unit)),
})

const basic = (text: string | Buffer): string => Buffer.from(text).toString('base64')

test('an Authorization header of any shape is refused as documented, by GraphQL, REST and the metrics', async () => {
  const { accountId, authToken } = kit.server.account
  const wrong = [
    'Basic',
    'Basic ',
    'Basic %%%',
    'Basic =',
    'Basic \u00ff\u00fe',
    `Basic ${'A'.repeat(8000)}`,
    ...[accountId, ':', '::', `${accountId}:`, `:${authToken}`, `\0:${authToken}`, `${accountId}\0:${authToken}`].map(
      (text) => `Basic ${basic(text)}`,
    ),
    `Basic ${basic(Buffer.from([0xff, 0xfe, 0x3a, 0xff]))}`,
    `Basic ${basic(Buffer.concat([Buffer.from(`${accountId}:`), Buffer.from([0xff])]))}`,
    `Basic ${basic(`${accountId}:${authToken}`)} more`,

    'Bearer',
    'Bearer ',
    'Bearer .',
    'Bearer    ',
    'Bearer \u00e9\u00e8',
    'Bearer a b c',
    `Bearer ${'a.'.repeat(4000)}`,
    'x',
    'x y',
    'Digest username="x"',
    ', ,',
    'Basic,Bearer',
    'Negotiate \u00ff',
  ]
  for (const authorization of wrong) {
    const { status, body } = await answerTo(authorization)
    expect([authorization, status, body.errors?.[0]?.extensions.code]).toEqual([authorization, 401, 'UNAUTHENTICATED'])
    for (const path of ['/v1/Services', '/metrics']) {
      const answer = await answerTo(authorization, path)
      expect([authorization, answer.status, answer.body.code]).toEqual([authorization, 401, 20003])
    }
  }
  const spacious = `  basic    ${basic(`${accountId}:${authToken}`)}  `
  expect(await answerTo(spacious)).toMatchObject({ status: 200 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('Basic ', 'Bearer ', ''), headerText, (scheme, text) =>
      expectDocumented(`${scheme}x${text}`),
    ),
    { numRuns: 200 },
  )
})
