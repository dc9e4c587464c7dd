import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ConsoleSessionsDocument,
  CreateApiKeyDocument,
  DeleteApiKeyDocument,
  EndConsoleSessionDocument,
} from '../../schema/generated/graphql.ts'
import { setAuthTokens } from '../../src/domain/access/auth-token.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import { makeAccount } from '../support/authority.ts'
import { ConsolePage } from '../support/console.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { freshAddress } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({ TRUST_PROXY: '1' })
})
afterAll(() => kit.close())

/** A session is remembered for three seconds. */
const isSignedOut = (page: ConsolePage) => waitFor(async () => (await page.status()) === 401)

const backdate = (page: ConsolePage, column: 'expires_at' | 'last_used_at', by: string) =>
  kit.store.db.run(`UPDATE console_sessions SET ${column} = now() - $2::interval WHERE id = $1::uuid`, [
    sidToUuid(page.sessionId as Sid),
    by,
  ])

const viewerQuery = '{ viewer { accountId consoleSession { id credential address userAgent isCurrent } } }'

async function makeKey() {
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: { friendlyName: 'for a console' } })
  return createApiKey
}

test('signing in gives a cookie of the console alone, and the database a hash of its token', async () => {
  const { accountId, authToken } = kit.server.account
  const address = freshAddress()
  const page = new ConsolePage(kit.server, { 'x-forwarded-for': address, 'user-agent': `browser ${'x'.repeat(300)}` })
  const response = await page.signIn({ sid: accountId, secret: authToken })
  const { id } = (await response.json()) as { id: string }
  const [cookie = '', ...attributes] = (response.headers.get('set-cookie') ?? '').split('; ')
  expect(attributes).toEqual(['Path=/console', 'Max-Age=43200', 'HttpOnly', 'SameSite=Strict'])
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  const token = cookie.split('=')[1]!
  expect(token).toMatch(/^[\w-]{43}$/)
  const rows = await kit.store.db.run('SELECT * FROM console_sessions', [])
  expect(JSON.stringify(rows)).not.toContain(token)
  const { data } = await page.ask(viewerQuery)
  expect(data).toEqual({
    viewer: {
      accountId,
      consoleSession: { id, credential: accountId, address, userAgent: `browser ${'x'.repeat(248)}`, isCurrent: true },
    },
  })
  // Over TLS the cookie is of TLS alone: the proxy says so, and the browser.
  const secure = await page.signIn(
    { sid: accountId, secret: authToken },
    { origin: kit.server.url.replace('http:', 'https:'), 'x-forwarded-proto': 'https' },
  )
  expect(secure.headers.get('set-cookie')).toMatch(/; Secure$/)
})

test('nothing is answered to a page of another origin, and to no form', async () => {
  const page = await ConsolePage.open(kit.server)
  const { accountId, authToken } = kit.server.account
  const login = { sid: accountId, secret: authToken }
  const query = { query: '{ viewer { id } }' }
  const foreign: readonly string[] = [
    'https://elsewhere.example',
    'null',
    kit.server.url.replace('http:', 'https:'),
    `${kit.server.url}0`,
    kit.server.url.replace('127.0.0.1', 'localhost'),
  ]
  for (const origin of foreign) {
    expect([origin, (await page.signIn(login, { origin })).status]).toEqual([origin, 403])
    expect([origin, (await page.send('POST', '/console/graphql', query, { origin })).status]).toEqual([origin, 403])
    expect([origin, (await page.send('DELETE', '/console/session', undefined, { origin })).status]).toEqual([
      origin,
      403,
    ])
  }
  const { url } = kit.server
  const headers = { 'content-type': 'application/json', cookie: page.cookie }
  expect((await fetch(`${url}/console/graphql`, { method: 'POST', headers, body: JSON.stringify(query) })).status).toBe(
    403,
  )
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
    for (const path of ['/console/session', '/console/graphql']) {
      const answered = await page.send('POST', path, { ...login, ...query }, { 'content-type': type })
      expect([type, path, answered.status]).toEqual([type, path, 415])
    }
  }
  expect(await page.status()).toBe(200)
  // The address that the operator has set is this server’s, too.
  const other = await kit.another({ PUBLIC_URL: 'https://chat.example' })
  const public_ = new ConsolePage({ url: `http://127.0.0.1:${other.port}` }, { origin: 'https://chat.example' })
  expect((await public_.signIn(login)).headers.get('set-cookie')).toMatch(/; Secure$/)
})

test('the cookie is nothing to other paths, and other credentials are nothing to the console', async () => {
  const page = await ConsolePage.open(kit.server)
  const query = { query: '{ viewer { id } }' }
  const asked = await page.send('POST', '/graphql', query)
  expect(await asked.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  const stranger = new ConsolePage(kit.server, { authorization: kit.backend.authorization })
  expect(await stranger.status()).toBe(401)
  for (const cookie of [
    'fonechat_console=',
    'fonechat_console=x',
    `fonechat_console=${'A'.repeat(43)}`,
    'a=b',
    `x=${'y'.repeat(5000)}`,
  ]) {
    expect(await new ConsolePage(kit.server, { cookie }).status()).toBe(401)
  }
  for (const [method, path] of [
    ['GET', 'session'],
    ['PUT', 'session'],
    ['GET', 'graphql'],
    ['DELETE', 'graphql'],
  ] as const) {
    expect([method, path, (await page.send(method, `/console/${path}`)).status]).toEqual([method, path, 405])
  }
  for (const login of [
    {},
    { sid: 1, secret: 2 },
    { sid: 'AC', secret: '' },
    { sid: 'AC', secret: 'x'.repeat(1001) },
    [],
    { secret: 'x' },
  ]) {
    expect((await page.signIn(login)).status).toBe(400)
  }
  const off = await kit.another({ PAGE: 'false' })
  expect((await new ConsolePage(off).signIn({ sid: 'AC', secret: 'x' })).status).toBe(404)
})

test('a session ends by time, unused, by hand, by signing out, and with its key', async () => {
  const { apiKey, secret } = await makeKey()
  const login = { sid: apiKey.id, secret }
  const [expired, idle, ended, out, ofKey] = await Promise.all(
    [undefined, undefined, undefined, undefined, login].map((one) => ConsolePage.open(kit.server, one)),
  )
  const { data } = await ofKey!.ask(viewerQuery)
  expect(data).toMatchObject({ viewer: { consoleSession: { credential: apiKey.id } } })
  await backdate(expired!, 'expires_at', '1 second')
  await backdate(idle!, 'last_used_at', '2 hours')
  await isSignedOut(expired!)
  await isSignedOut(idle!)
  // Here it ends at once.
  await kit.backend.request(EndConsoleSessionDocument, { input: { consoleSessionId: ended!.sessionId } })
  expect(await ended!.status()).toBe(401)
  await kit.backend.expectRefusal(
    EndConsoleSessionDocument,
    { input: { consoleSessionId: ended!.sessionId } },
    'NOT_FOUND',
  )
  const answered = await out!.signOut()
  expect([answered.status, answered.headers.get('set-cookie')]).toEqual([
    204,
    'fonechat_console=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict',
  ])
  expect(await out!.status()).toBe(401)
  expect(await ofKey!.status()).toBe(200)
  await kit.backend.request(DeleteApiKeyDocument, { input: { apiKeyId: apiKey.id } })
  expect(await ofKey!.status()).toBe(401)
  const { consoleSessions } = await kit.backend.request(ConsoleSessionsDocument, { first: 1000 })
  const open = consoleSessions.edges.map(({ node }) => node.id)
  for (const page of [expired, idle, ended, out, ofKey]) expect(open).not.toContain(page!.sessionId)
})

test('a session of the auth token ends when that is retired, on every process; one of a key goes on', async () => {
  const { accountId, backend } = await makeAccount(kit)
  const login = { sid: accountId, secret: `auth-token-of-${accountId}` }
  const { createApiKey } = await backend.request(CreateApiKeyDocument, { input: {} })
  const page = await ConsolePage.open(kit.server, login)
  const ofKey = await ConsolePage.open(kit.server, { sid: createApiKey.apiKey.id, secret: createApiKey.secret })
  const other = await kit.another({ DEVICE_DAYS: '41' })
  const elsewhere = new ConsolePage(other, { cookie: page.cookie })
  expect([await page.status(), await elsewhere.status()]).toEqual([200, 200])
  const { secrets } = kit.server.app
  await kit.store.db.transaction((tx) => setAuthTokens(tx, secrets, accountId, `new,${login.secret}`))
  expect(await page.status()).toBe(200)
  await kit.store.db.transaction((tx) => setAuthTokens(tx, secrets, accountId, 'new'))
  // What a process remembers of a token for three seconds opens no session that would outlive it.
  expect((await new ConsolePage(kit.server).signIn(login)).status).toBe(401)
  await isSignedOut(page)
  await isSignedOut(elsewhere)
  expect(await ofKey.status()).toBe(200)
})

test('a page is answered and changes nothing as somebody else, whom another page of the browser has signed in', async () => {
  const { apiKey, secret } = await makeKey()
  const [own, other] = await Promise.all([
    ConsolePage.open(kit.server),
    ConsolePage.open(kit.server, { sid: apiKey.id, secret }),
  ])
  const { accountId } = kit.server.account
  const as = (page: ConsolePage, sid: string) =>
    page.send('POST', '/console/graphql', { query: '{ viewer { id } }' }, { 'x-console-credential': sid })
  expect([(await as(own, accountId)).status, (await as(other, apiKey.id)).status]).toEqual([200, 200])
  const refused = await as(other, accountId)
  expect([refused.status, await refused.json()]).toMatchObject([
    401,
    { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
  ])
  expect((await as(own, apiKey.id)).status).toBe(401)
})

test('sessions of another account are nobody’s business', async () => {
  const { backend: stranger } = await makeAccount(kit)
  const page = await ConsolePage.open(kit.server)
  const { consoleSessions } = await stranger.request(ConsoleSessionsDocument, { first: 1000 })
  expect(consoleSessions.edges).toEqual([])
  await stranger.expectRefusal(EndConsoleSessionDocument, { input: { consoleSessionId: page.sessionId } }, 'NOT_FOUND')
  expect(await page.status()).toBe(200)
  const alice = await kit.user()
  await alice.expectRefusal(ConsoleSessionsDocument, {}, 'FORBIDDEN', 50107)
})

test('wrong secrets are slowed down as passwords are, and an account has at most 100 sessions', async () => {
  const { accountId } = kit.server.account
  const page = new ConsolePage(kit.server, { 'x-forwarded-for': freshAddress() })
  const statuses = await Promise.all(
    Array.from({ length: 25 }, async (_, at) => (await page.signIn({ sid: accountId, secret: `wrong ${at}` })).status),
  )
  expect(new Set(statuses)).toEqual(new Set([401, 429]))

  const quiet = await ConsolePage.open(kit.server)
  await backdate(quiet, 'last_used_at', '1 hour')
  await kit.store.db.run(
    `INSERT INTO console_sessions (id, token_hash, account_id, address, expires_at)
     SELECT gen_random_uuid(), 'hash ' || n, $1::uuid, '192.0.2.1', now() + interval '1 hour' FROM generate_series(1, 100) AS n`,
    [sidToUuid(accountId as Sid)],
  )
  // Also of sign-ins at the same time, none of which ends another.
  const pages = await Promise.all(Array.from({ length: 12 }, () => ConsolePage.open(kit.server)))
  const { consoleSessions } = await kit.backend.request(ConsoleSessionsDocument, { first: 1000 })
  expect(consoleSessions.edges).toHaveLength(100)
  expect(await Promise.all(pages.map((each) => each.status()))).toEqual(pages.map(() => 200))
  await isSignedOut(quiet)
  await kit.store.db.run(`DELETE FROM console_sessions WHERE token_hash LIKE 'hash %'`, [])
})

test('the last use is written, of the key too', async () => {
  const { apiKey, secret } = await makeKey()
  const page = await ConsolePage.open(kit.server, { sid: apiKey.id, secret })
  await backdate(page, 'last_used_at', '10 minutes')
  const usedAt = async () => {
    const { consoleSessions } = await kit.backend.request(ConsoleSessionsDocument, { last: 1 })
    return Date.parse(consoleSessions.edges[0]!.node.lastUsedAt)
  }
  expect(Date.now() - (await usedAt())).toBeGreaterThan(500_000)
  expect(await page.status()).toBe(200)
  await waitFor(async () => Date.now() - (await usedAt()) < 500_000)
})
