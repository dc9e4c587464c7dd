import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { MessageAddedDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { openKit, openSocket, record, type Kit } from '../support/kit.ts'
import { readingOf } from '../support/reading.ts'
import { openRest, type Rest } from '../support/rest.ts'

// What a page of another site can have a browser do that remembers the backend's credentials.

let kit: Kit
let rest: Rest
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
  channelId = (await kit.channel()).id
})
afterAll(() => kit.close())

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

function send(
  path: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
  { url }: { readonly url: string } = kit.server,
) {
  const headers = { authorization: kit.backend.authorization, ...init.headers }
  return fetch(`${url}${path}`, { method: 'POST', ...init, headers })
}

const mutation = (): string =>
  `mutation { sendMessage(input: { channelId: "${channelId}", body: "forged" }) { message { id } } }`
const json = (): string => JSON.stringify({ query: mutation() })

describe.each([
  ['a form', browser],
  ['a script', { accept: '*/*' }],
  ['a reader of events', { accept: 'text/event-stream' }],
] as const)('GraphQL takes nothing of %s', (_who, accepting) => {
  test.each<[mediaType: string | undefined, body: () => string | FormData | URLSearchParams]>([
    ['application/x-www-form-urlencoded', () => `query=${encodeURIComponent(mutation())}`],
    ['application/x-www-form-urlencoded;charset=utf-8', () => `query=${encodeURIComponent(mutation())}`],
    [
      'multipart/form-data; boundary=x',
      () => `--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n${mutation()}\r\n--x--\r\n`,
    ],
    ['text/plain', json],
    ['text/plain; application/json', json],
    ['text/plain;charset=utf-8', json],
    ['application/graphql', mutation],
    ['application/graphql+json', json],
    ['application/json; charset=utf-16', json],
    ['application/json, text/plain', json],
    ['nonsense', json],
    ['', json],
  ])('that is sent as %s', async (mediaType, body) => {
    const before = await readingOf(kit, channelId)
    const response = await send('/graphql', { body: body(), headers: { ...accepting, 'content-type': mediaType! } })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
    expect(await readingOf(kit, channelId)).toEqual(before)
  })
})

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json; charset="utf-8"',
  'application/json; charset=utf8',
  'Application/JSON; Charset=Utf-8',
  'application/json; version=1; charset=utf-8',
])('GraphQL takes %s', async (mediaType) => {
  const body = JSON.stringify({ query: '{ viewer { kind } }' })
  for (const accept of ['*/*', 'text/event-stream', 'multipart/mixed, application/json']) {
    const response = await send('/graphql', { body, headers: { accept, 'content-type': mediaType } })
    expect([accept, response.status, await response.text()]).toEqual([accept, 200, expect.stringContaining('BACKEND')])
  }
})

test('what comes by GET changes nothing, whatever it accepts', async () => {
  const before = await readingOf(kit, channelId)
  for (const accept of ['*/*', 'application/json', 'text/event-stream', 'text/html', 'multipart/mixed']) {
    const response = await send(`/graphql?query=${encodeURIComponent(mutation())}`, {
      method: 'GET',
      headers: { accept },
    })
    await response.text()
  }
  expect(await readingOf(kit, channelId)).toEqual(before)
})

const foreign: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'https://elsewhere.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'https://127.0.0.1.elsewhere.example' },
  { origin: 'nonsense' },
  { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
]

test.each(foreign)('over REST nothing is changed for a page of another site: %o', async (headers) => {
  const form = { ...browser, ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  const before = await rest.get(rest.in('/Channels'))
  for (const [method, path, body] of [
    ['POST', '/Services', 'FriendlyName=forged'],
    ['POST', rest.in('/Channels'), 'UniqueName=forged'],
    ['POST', rest.in(`/Channels/${channelId}`), 'FriendlyName=forged'],
    ['DELETE', rest.in(`/Channels/${channelId}`), undefined],
    ['PUT', rest.in(`/Channels/${channelId}`), ''],
    ['POST', '/nothing', ''],
  ] as const) {
    const response = await send(`/v1${path}`, { method, headers: form, body: body ?? null })
    expect([method, path, response.status, await response.json()]).toEqual([
      method,
      path,
      403,
      {
        code: 20403,
        message: 'A page of another site must not change anything here',
        more_info: 'https://www.twilio.com/docs/errors/20403',
        status: 403,
      },
    ])
  }
  expect(await rest.get(rest.in('/Channels'))).toMatchObject({ body: before.body as object })
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    expect((await send(`/v1${rest.in('/Channels')}`, { method, headers })).status).toBeLessThan(300)
  }
})

test('helper libraries and pages of the server’s own address change what they like', async () => {
  const proxied = await kit.another({ TRUST_PROXY: '1' })
  const { port } = await kit.another({ PUBLIC_URL: 'https://chat.example.com/chat' })
  const published = { url: `http://127.0.0.1:${port}` }
  const own = kit.server.url
  for (const [server, headers] of [
    [kit.server, {}],
    [kit.server, { origin: own }],
    [kit.server, { origin: own, 'sec-fetch-site': 'same-origin' }],
    [kit.server, { 'sec-fetch-site': 'none' }],
    [proxied, { origin: 'https://chat.example.com', 'x-forwarded-host': 'chat.example.com' }],
    [published, { origin: 'https://chat.example.com' }],
  ] as const) {
    const { status } = await send(
      `/v1${rest.in('/Channels')}`,
      { headers: headers as Record<string, string>, body: new URLSearchParams({ FriendlyName: 'own' }) },
      server,
    )
    expect([headers, status]).toEqual([headers, 201])
  }
  const unproxied = { origin: 'https://chat.example.com', 'x-forwarded-host': 'chat.example.com' }
  expect((await send(`/v1${rest.in('/Channels')}`, { headers: unproxied })).status).toBe(403)
})

test('a page of another site reads nothing with credentials that the browser remembers', async () => {
  for (const path of ['/graphql?query={viewer{kind}}', `/v1${rest.in('/Channels')}`]) {
    const { headers } = await send(path, { method: 'GET', headers: { origin: 'https://elsewhere.example' } })
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  }
})

test('a WebSocket has the credentials that it brings, and none that a browser adds', async () => {
  const headers = { authorization: kit.backend.authorization, origin: 'https://elsewhere.example' }
  class Browser extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { headers })
    }
  }
  const client = openSocket(kit.server, {}, { webSocketImpl: Browser })
  for (const document of [ViewerDocument, MessageAddedDocument]) {
    const recording = record(client, document as typeof ViewerDocument)
    await recording.ended()
    expect([recording.items, recording.errors]).toMatchObject([[], [{ code: 4403 }]])
  }
  await client.dispose()
})

test('answers are not stored, refusals neither', async () => {
  const query = JSON.stringify({ query: '{ viewer { kind } }' })
  const jsonType = { 'content-type': 'application/json' }
  const answers = [
    await send('/graphql', { headers: jsonType, body: query }),
    await send('/graphql', { headers: { ...jsonType, authorization: 'Basic nothing' }, body: query }),
    await send('/graphql', { headers: jsonType, body: '{' }),
    await send('/graphql', { headers: { 'content-type': 'text/plain' }, body: query }),
    await send('/graphql?query={viewer{kind}}', { method: 'GET' }),
    await send('/graphql?query={nothing}', { method: 'GET' }),
    await send('/graphql', { method: 'PUT' }),
    await send(`/v1${rest.in('/Channels')}`, { method: 'GET' }),
    await send(`/v1${rest.in('/Channels/nothing')}`, { method: 'GET' }),
    await send(`/v1${rest.in('/Channels')}`, { method: 'GET', headers: { authorization: '' } }),
    await send('/metrics', { method: 'GET' }),
    await send('/metrics', { method: 'GET', headers: { authorization: '' } }),
    await send('/nothing', { method: 'GET' }),
  ]
  for (const answer of answers) {
    expect([answer.url, answer.status, answer.headers.get('cache-control')]).toEqual([
      answer.url,
      answer.status,
      'no-store',
    ])
    await answer.text()
  }
})

test('a stream of events is kept by nothing on its way', async () => {
  const aborter = new AbortController()
  const response = await send('/graphql', {
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: `subscription { messageAdded(channelId: "${channelId}") { id } }` }),
    signal: aborter.signal,
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(response.headers.get('cache-control')).toMatch(/no-cache|no-store/)
  aborter.abort()
})
