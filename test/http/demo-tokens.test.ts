import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateUserDocument, DeleteUserDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import { givesDemoTokens } from '../../src/http/demo-tokens.ts'
import type { Server } from '../../src/server.ts'
import { Caller, openKit, type Kit } from '../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
  await kit.backend.request(CreateUserDocument, { input: { identity: 'alice', friendlyName: 'Alice' } })
  await kit.backend.request(CreateUserDocument, { input: { identity: 'bob' } })
})
afterAll(() => kit.close())

interface Asked {
  readonly method?: string
  /** Of the `Host` header; `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** As the page asks; `fetch` would choose some of these headers itself. */
async function ask({ port }: Server = kit.server, { method = 'POST', headers = {} }: Asked = {}) {
  const host = headers['host'] ?? `127.0.0.1:${port}`
  const asPage = {
    host,
    origin: `http://${host}`,
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    ...headers,
  }
  const sent = Object.fromEntries(Object.entries(asPage).filter(([, value]) => value !== undefined))
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/demo/tokens', method, headers: sent, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode!, headers: response.headers, body }), reject)
    })
      .on('error', reject)
      .end(method === 'POST' ? '{}' : undefined)
  })
}

test('the page of this machine gets a token for each of the two users', async () => {
  const { status, headers, body } = await ask()
  expect(status).toBe(200)
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'cross-origin-resource-policy': 'same-origin' })
  const { users } = JSON.parse(body) as { users: { identity: string; token: string; expiresAt: string }[] }
  expect(users).toEqual([
    { identity: 'alice', friendlyName: 'Alice', token: expect.any(String), expiresAt: expect.any(String) },
    { identity: 'bob', friendlyName: 'bob', token: expect.any(String), expiresAt: expect.any(String) },
  ])
  for (const { identity, token, expiresAt } of users) {
    const { viewer } = await new Caller(kit.server, `Bearer ${token}`).request(ViewerDocument)
    expect(viewer).toMatchObject({ kind: 'USER', user: { identity } })
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(600_000)
  }
})

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '[::1]'])('%s is this machine', async (name) => {
  const host = `${name}:${kit.server.port}`
  expect((await ask(kit.server, { headers: { host } })).status).toBe(200)
  expect((await ask(kit.server, { headers: { host: name, 'sec-fetch-site': undefined } })).status).toBe(200)
})

test.each<[string, Asked['headers']]>([
  ['no Origin', { origin: undefined }],
  ['the Origin of another site', { origin: 'https://evil.example' }],
  ['the Origin of another port', { origin: 'http://127.0.0.1:1' }],
  ['another spelling of this machine as its Origin', { host: 'localhost', origin: 'http://127.0.0.1' }],
  ['the Origin of a page in a frame without one', { origin: 'null' }],
  ['an Origin with TLS, which is a proxy’s', { host: 'localhost', origin: 'https://localhost' }],
  ['a name that somebody gave this address', { host: 'rebound.example' }],
  ['a name that begins like this machine', { host: 'localhost.evil.example' }],
  ['a name with this machine as its user', { host: 'localhost@evil.example' }],
  ['an address of this machine in its network', { host: '192.168.0.2:4000' }],
  ['an address that is all of them', { host: '0.0.0.0' }],
  ['a site beside it', { 'sec-fetch-site': 'same-site' }],
  ['a site elsewhere', { 'sec-fetch-site': 'cross-site' }],
  ['an address that was typed', { 'sec-fetch-site': 'none' }],
  ['no type of its body', { 'content-type': undefined }],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['plain text', { 'content-type': 'text/plain' }],
  ['Forwarded', { forwarded: 'for=192.0.2.1' }],
  ['X-Forwarded-For', { 'x-forwarded-for': '127.0.0.1' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': 'localhost' }],
  ['X-Forwarded-Proto', { 'x-forwarded-proto': 'http' }],
  ['X-Real-IP', { 'x-real-ip': '127.0.0.1' }],
  ['Via', { via: '1.1 proxy' }],
])('a request with %s gets nothing', async (_, headers) => {
  const { status, headers: answered, body } = await ask(kit.server, { headers: headers! })
  expect([status, body]).toEqual([403, '{"error":"only the page of this server gets these"}'])
  expect(answered).not.toHaveProperty('access-control-allow-origin')
})

test('a request of HTTP/1.0, as proxies speak it, gets nothing', async () => {
  const host = `127.0.0.1:${kit.server.port}`
  const socket = connect(kit.server.port, '127.0.0.1')
  socket.end(
    `POST /demo/tokens HTTP/1.0\r\nHost: ${host}\r\nOrigin: http://${host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  )
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /)
})

test('nothing but POST is known there, so that no other site is allowed to ask', async () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS']) {
    const { status, headers } = await ask(kit.server, { method, headers: { accept: 'text/html' } })
    expect([method, status]).toEqual([method, 404])
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  }
})

test('there are no such tokens with DATABASE_URL, also where the page is on, nor without the page', async () => {
  const DATABASE_URL = 'postgres://localhost/chat'
  for (const settings of [{ DATABASE_URL, PAGE: 'true' }, { DATABASE_URL }, { PAGE: 'false' }]) {
    const { status, body } = await ask(await kit.another(settings))
    expect([status, body]).toEqual([404, '{"error":"not found"}'])
  }
})

test('there are none where other machines can ask', () => {
  const given = { PAGE: undefined, DATABASE_URL: undefined }
  for (const HOST of ['127.0.0.1', 'localhost', '::1']) expect(givesDemoTokens({ ...given, HOST })).toBe(true)
  for (const HOST of ['0.0.0.0', '::', '192.168.0.2', 'chat.example.com', '::ffff:127.0.0.1']) {
    expect(givesDemoTokens({ ...given, HOST })).toBe(false)
  }
})

test('a user that was deleted does not come back by it', async () => {
  await kit.backend.request(DeleteUserDocument, { input: { userId: 'bob' } })
  const { users } = JSON.parse((await ask()).body) as { users: { identity: string }[] }
  expect(users.map(({ identity }) => identity)).toEqual(['alice'])
})
